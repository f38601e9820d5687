"""Who may use the system."""
