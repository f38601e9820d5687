"""Employees and their status."""
