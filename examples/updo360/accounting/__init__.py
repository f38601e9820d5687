"""Accounting: the ledger and the mail. Hears of invoices, and is known to nobody."""
