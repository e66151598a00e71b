"""
Secrets at rest: encrypted with keys derived from Django's secret key.

Whoever has the database alone can't read them. After a change of the secret key, old ones open as long as the old key
stands in `SECRET_KEY_FALLBACKS`. Fernet (AES-128-CBC with HMAC-SHA256): https://github.com/fernet/spec
"""

import base64
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute


class Unreadable(ValueError):
    """The secret was sealed with a key that this installation no longer has."""


def seal(secret: str) -> str:
    return _keys().encrypt(secret.encode()).decode() if secret else ""


def unseal(sealed: str) -> str:
    """Raises Unreadable."""
    if not sealed:
        return ""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable("This secret was stored under another secret key. Please enter it again.") from None


def _keys() -> MultiFernet:
    return MultiFernet([_key(str(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"askacme sealed secrets").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


class Sealed:
    """A secret as a row holds it. Shows itself to nobody: only `open()` gives the text."""

    __slots__ = ("token",)

    def __init__(self, token: str) -> None:
        self.token = token

    def open(self) -> str:
        """Raises Unreadable."""
        return unseal(self.token)

    def __bool__(self) -> bool:
        return bool(self.token)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self.token == other.token

    def __hash__(self) -> int:
        return hash(self.token)

    def __str__(self) -> str:
        return "••••••••" if self.token else ""

    __repr__ = __str__


class SealedAttribute(DeferredAttribute):
    """Whatever is set becomes a `Sealed` at once, so that a row never holds the plain text."""

    def __set__(self, instance: models.Model, value: str | Sealed | None) -> None:
        instance.__dict__[self.field.attname] = self.field.to_python(value)


class SealedField(models.TextField):  # type: ignore[type-arg]  # its value is a `Sealed`; plain text is sealed when set
    """A secret column: takes text or a `Sealed`, gives a `Sealed`. The database only ever sees the sealed form."""

    descriptor_class = SealedAttribute

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"blank": True, "default": "", "editable": False, **kwargs})

    def from_db_value(self, value: str | None, *_: object) -> Sealed:
        return Sealed(value or "")

    def to_python(self, value: Any) -> Sealed:
        return value if isinstance(value, Sealed) else Sealed(seal(value or ""))

    def get_prep_value(self, value: Any) -> str:
        return self.to_python(value).token

    def value_to_string(self, obj: models.Model) -> str:
        """A dump holds the sealed form."""
        return self.to_python(self.value_from_object(obj)).token
