"""Tenants: who they are, and which one a request is for."""
