"""Invoices: written, approved. Knows nobody who listens."""
