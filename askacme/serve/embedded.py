"""
PostgreSQL and Redis under `ASKACME_VAR`, for whoever has no servers of their own.

They run for as long as anyone needs them: every process that uses them holds a shared lock on
`services.lock`, and on leaving tries to make it exclusive; who succeeds was the last, and stops them. The
kernel drops the lock of a process that is killed, so the next one to leave, or to start and leave, cleans up
after it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from askacme.lib.errors import ServiceUnavailable
from askacme.serve.locks import FileLock
from askacme.serve.paths import socket_dirs
from askacme.serve.postgres import Postgres
from askacme.serve.redis_server import Redis

LOCK_TIMEOUT_S = 90.0


@dataclass(frozen=True)
class ServiceUrls:
    database: str
    redis: str


@contextmanager
def running_services(
    var: Path, external: ServiceUrls, *, on_start: Callable[[], None], durable: bool = True
) -> Iterator[ServiceUrls]:
    """
    The services' URLs, with those that `external` leaves empty running for the length of the context.

    `on_start` is called before services have to be started, and not when they already run. With
    `durable=False` (tests) nothing waits for the disk.

    Raises ServiceUnavailable with one line that says what is wrong.
    """
    if external.database and external.redis:
        yield external
        return
    var = var.resolve()
    with FileLock(var / "services.lock") as usage:
        usage.take(shared=True, timeout_s=LOCK_TIMEOUT_S)
        services: list[Postgres | Redis] = []
        try:
            with FileLock(var / "start.lock") as starting:
                starting.take(timeout_s=LOCK_TIMEOUT_S)
                postgres, redis = at(var, durable=durable)
                services += [] if external.database else [postgres]
                services += [] if external.redis else [redis]
                ensure_running(services, on_start)
            yield ServiceUrls(external.database or postgres.url, external.redis or redis.url)
        finally:
            if usage.take_at_once():
                stop(services)


def at(var: Path, *, durable: bool = True) -> tuple[Postgres, Redis]:
    """The services whose data lie under `var`, running or not."""
    postgres_sockets, redis_sockets = socket_dirs(var)
    return Postgres(var / "postgres", postgres_sockets, durable), Redis(var / "redis", redis_sockets, durable)


def ensure_running(services: list[Postgres | Redis], on_start: Callable[[], None]) -> None:
    if not all(service.is_running() for service in services):
        on_start()
    try:
        for service in services:
            service.ensure_running()
    except OSError as error:
        raise ServiceUnavailable(f"{error.filename or 'The disk'}: {error.strerror}.") from error


def stop(services: list[Postgres | Redis]) -> None:
    for service in reversed(services):
        service.stop()
