"""Durable delivery: what is stored, the port of a store, the relay. Knows no database by name."""
