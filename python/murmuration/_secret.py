"""The secret that `PBTServer` and `PBTClient` call `auth_key`, and where it is strong enough."""

from __future__ import annotations

import unicodedata

from murmuration._connection.address import is_loopback
from murmuration.errors import InvalidError, WeakKeyError

STRONG_CHARACTERS = 22
"""The characters of 128 bits, as `murmur keys generate` makes them."""

HOW_TO_MAKE_ONE = f"make one of {STRONG_CHARACTERS} characters with `murmur keys generate`"


def secret_of(auth_key: str | bytes | None) -> str | None:
    """The secret that a key stands for; `None` means that nothing is encrypted.

    Bytes are read as UTF-8, or else as the text of their hexadecimal digits, so that random bytes
    may be a key too.
    """
    if auth_key is None:
        return None
    if isinstance(auth_key, bytes):
        try:
            secret = auth_key.decode()
        except UnicodeDecodeError:
            secret = auth_key.hex()
    elif isinstance(auth_key, str):
        secret = auth_key
    else:
        raise InvalidError("The auth_key is neither a text nor bytes: give it as one of them.")
    if not secret:
        raise InvalidError(
            "The auth_key is empty: give None to go without encryption on this machine, or "
            f"{HOW_TO_MAKE_ONE}."
        )
    # Neither the environment of a process nor UTF-8 takes all that a string may hold.
    if "\0" in secret or any("\ud800" <= each <= "\udfff" for each in secret):
        raise InvalidError(
            f"The auth_key holds characters that cannot be passed on: {HOW_TO_MAKE_ONE}."
        )
    return secret


def is_weak(secret: str | None) -> bool:
    """Whether a secret, or none, is too easily guessed for a network.

    Characters are counted as people see them, so that an accent counts with its letter.
    """
    if secret is None:
        return True
    seen = unicodedata.normalize("NFC", secret).replace("\r\n", "\n")
    return sum(not unicodedata.category(each).startswith("M") for each in seen) < STRONG_CHARACTERS


def check_strength(secret: str | None, host: str) -> None:
    """Raises when a secret is too weak to be used with a host beyond this machine."""
    if is_loopback(host) or not is_weak(secret):
        return
    if secret is None:
        raise WeakKeyError(
            f"The host {host} is beyond this machine, and that needs an auth_key: "
            f"{HOW_TO_MAKE_ONE}."
        )
    raise WeakKeyError(
        f"The auth_key is too short for the host {host}, which is beyond this machine: "
        f"{HOW_TO_MAKE_ONE}."
    )
