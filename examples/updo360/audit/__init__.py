"""The audit log: hears every event, whatever its class and wherever it is published."""
