"""A value that every process keeps at hand, and follows within a second when another process changes it."""

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

import redis
from django.conf import settings
from django.db import connections
from redis.exceptions import RedisError

T = TypeVar("T")
logger = logging.getLogger(__name__)

POLL_S = 5.0
"""How often to look although no notice came: one that is lost costs no more."""
DEAF_POLL_S = 0.8
"""How often to look while Redis, which brings the notices, is away."""
TIMEOUT_S = 1.0


class Followed(Generic[T]):
    """
    What `load` reads from the database; whoever changes it calls `announce` after the commit.

    `get` is for the event loop too: only the first call of a process asks the database, in another thread, for some
    milliseconds. A daemon thread follows from then on: it listens to a channel in Redis, and polls behind it.
    """

    def __init__(self, load: Callable[[], T], *, channel: str) -> None:
        self._load = load
        self._channel = f"followed:{channel}"
        self._lock = threading.Lock()
        self._kept: T | None = None
        self._stopping: threading.Event | None = None
        os.register_at_fork(after_in_child=self._begin_anew)

    def get(self) -> T:
        kept = self._kept
        return kept if kept is not None and self._stopping else self._begin()

    def stop(self) -> None:
        """No longer follow; the next call begins anew. For whoever outlives the database, as tests do."""
        if self._stopping:
            self._stopping.set()
        self._kept = self._stopping = None

    def look(self) -> T:
        """Read it now, in another thread: this one may have an event loop, or a transaction that sees old rows."""
        with ThreadPoolExecutor(max_workers=1) as thread:
            return thread.submit(self._read).result()

    def announce(self) -> None:
        """Tell the others, and this process at once. A Redis that is away only makes the others slower."""
        if self._stopping:
            self._kept = self._load()
        try:
            with self._redis() as client:
                client.publish(self._channel, "changed")
        except RedisError as error:
            logger.warning("Other processes hear of %s by polling: %s", self._channel, error)

    def _begin(self) -> T:
        with self._lock:
            kept = self.look()
            if not self._stopping:
                self._stopping = threading.Event()
                follow = threading.Thread(target=self._follow, args=(self._stopping,), name=self._channel, daemon=True)
                follow.start()
        return kept

    def _begin_anew(self) -> None:
        """A forked child has none of its parent's threads."""
        self._lock = threading.Lock()
        self._kept = self._stopping = None

    def _read(self) -> T:
        try:
            self._kept = found = self._load()
        finally:
            connections.close_all()
        return found

    def _follow(self, stopping: threading.Event) -> None:
        is_deaf = False
        while not stopping.is_set():
            try:
                with self._redis() as client, client.pubsub(ignore_subscribe_messages=True) as channel:
                    channel.subscribe(self._channel)
                    is_deaf = False
                    while not stopping.is_set():  # first of all look: something may have changed before we listened
                        self._read_again(stopping)
                        channel.get_message(timeout=POLL_S)
            except RedisError as error:
                if not is_deaf:
                    logger.warning("%s is polled until Redis is back: %s", self._channel, error)
                is_deaf = True
                self._read_again(stopping)
                stopping.wait(DEAF_POLL_S)

    def _read_again(self, stopping: threading.Event) -> None:
        try:
            found = self._load()
        except Exception:
            logger.exception("%s can't be read: this process goes on with what it knows", self._channel)
            return
        finally:
            connections.close_all()
        if not stopping.is_set():
            self._kept = found

    def _redis(self) -> redis.Redis:
        return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
