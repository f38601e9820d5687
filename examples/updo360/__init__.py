"""updo360: domain events of a multi-tenant Django project, with Celery after the commit."""
