"""Connection URLs, taken apart."""

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
