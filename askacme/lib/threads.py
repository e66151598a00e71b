"""The bridge from asynchronous code to synchronous code: bounded pools of threads."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connections

P = ParamSpec("P")
T = TypeVar("T")

MAX_THREADS = 8


class Threads:
    """Some threads for one purpose: what others wait for does not make these wait."""

    def __init__(self, name: str, most: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=most, thread_name_prefix=name)

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """
        Run a synchronous function beside the event loop and give its database connection back afterwards.

        Unlike `sync_to_async` in its thread-sensitive default, calls run side by side.
        """
        call = partial(copy_context().run, _with_connections, partial(function, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)


in_thread = Threads("askacme", MAX_THREADS).run
"""For whatever has no reason to stand apart."""


def _with_connections(call: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return call()
    finally:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close()
