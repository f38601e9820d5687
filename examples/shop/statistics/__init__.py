"""How often things happen."""
