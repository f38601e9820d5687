"""nene2: side effects of a use case, told apart from it by domain events (FastAPI)."""
