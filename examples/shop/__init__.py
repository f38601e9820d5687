"""A shop: a small modular monolith whose modules meet only through events."""
