"""Real faults against real databases: one workload and one checker for every scenario."""
