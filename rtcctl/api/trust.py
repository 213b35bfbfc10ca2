"""Which certificates are trusted: those of the authorities that everybody trusts, or that the environment names."""

from __future__ import annotations

import os
import ssl
from functools import cache

VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Name a file, or a folder, with the authorities to trust instead."""


def trusted() -> ssl.SSLContext:
    """Return one context for all connections.

    Raises:
        OSError: the environment names a file that can't be used.
    """
    return _trusting(*(os.environ.get(name) or None for name in VARIABLES))


@cache  # to read the authorities takes longer than a call
def _trusting(file: str | None, folder: str | None) -> ssl.SSLContext:
    if file is None and folder is None:
        import certifi

        file = certifi.where()
    context = ssl.create_default_context(cafile=file, capath=None if file else folder)
    context.set_alpn_protocols(["http/1.1"])
    return context
