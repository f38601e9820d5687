"""Django: handlers that run once the transaction is committed; this package is a Django app.

`"typedbus.adapters.django"` in `INSTALLED_APPS` imports the module `handlers` of every app when
the program starts, so that subscribing hangs on nobody's import.
"""

from typedbus.adapters.django.transactions import after_commit

__all__ = ["after_commit"]
