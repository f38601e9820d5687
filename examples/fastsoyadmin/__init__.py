"""fastsoyadmin: an admin system whose modules meet through events only (FastAPI, SQLAlchemy)."""
