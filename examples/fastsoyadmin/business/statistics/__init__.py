"""How many employees there are, by status."""
