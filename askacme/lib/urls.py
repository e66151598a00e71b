"""Connection URLs, taken apart."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def database_from_url(url: str) -> dict[str, str]:
    """
    Django's database settings for a PostgreSQL URL.

    A socket directory stands in the query: `postgresql://user:@/name?host=/path`. An empty URL gives the local
    default, which commands without a database (checks, migrations to be made) never open.

    Raises ValueError for another scheme.
    """
    parts = urlsplit(url or "postgresql://postgres@127.0.0.1:5432/askacme")
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL must begin with postgresql://")
    query = parse_qs(parts.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", [parts.hostname or ""])[0],
        "PORT": str(parts.port or ""),
    }


def email_from_url(url: str) -> dict[str, Any]:
    """
    Django's e-mail settings for `smtp://user:password@host:port` (STARTTLS when there is a user) or `smtps://…` (TLS).

    An empty URL gives none. Raises ValueError for another scheme, or without a host.
    """
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("must look like smtp://user:password@host:port or smtps://user:password@host:port")
    secure = parts.scheme == "smtps"
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if secure else 587 if parts.username else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": not secure and bool(parts.username),
        "EMAIL_TIMEOUT": 20,
    }
