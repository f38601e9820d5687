"""The events of all modules, a file for each: all that one module knows of another."""
