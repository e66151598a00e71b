"""One Redis client per event loop."""

from django.conf import settings
from redis.asyncio import Redis

from askacme.lib.per_loop import PerLoop


def _make() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL, decode_responses=True, protocol=2, socket_connect_timeout=5, socket_timeout=10
    )


_clients = PerLoop(_make, Redis.aclose)


def client() -> Redis:
    """The running loop's client. Answers are text; a slow Redis is given up on after ten seconds."""
    return _clients.get()
