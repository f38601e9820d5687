"""How passwords and tokens are kept: so that nobody can read them."""

import hashlib
import hmac
import secrets


def protect(password: str) -> bytes:
    """Return what to store for *password*."""
    salt = secrets.token_bytes(16)
    return salt + _derived(password, salt)


def is_right(password: str, stored: bytes) -> bool:
    """Say whether *stored* is what was kept for *password*."""
    return hmac.compare_digest(stored[16:], _derived(password, stored[:16]))


def digest_of(token: str) -> bytes:
    """Return what to store for *token*, which is random and needs no salt."""
    return hashlib.sha256(token.encode()).digest()


def _derived(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**12, r=8, p=1)
