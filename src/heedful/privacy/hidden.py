"""Bytes that are kept encrypted: AES-256-GCM, a nonce of 12 random bytes before each."""

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class Hidden:
    """Hides bytes with one key and shows them again."""

    def __init__(self, key: bytes) -> None:
        """Of 32 bytes."""
        self._cipher = AESGCM(key)

    def hide(self, plain: bytes) -> bytes:
        """Encrypted, as it may be written down."""
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, plain, None)

    def show(self, hidden: bytes) -> bytes:
        """In clear again."""
        return self._cipher.decrypt(hidden[:12], hidden[12:], None)
