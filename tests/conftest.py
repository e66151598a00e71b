"""
What every test can rely on.

The services start when this module is imported: before pytest-django loads the settings, which read the environment.
"""

import inspect
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from typing import Any

import django
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections

from askacme.lib.per_loop import close_all
from tests import services

if settings.configured:
    raise pytest.UsageError(
        "Django's settings were loaded before the test services had started: "
        "leave DJANGO_SETTINGS_MODULE and --ds out, tests/conftest.py sets it."
    )

CONDUCTS = "PYTEST_XDIST_WORKER" not in os.environ and any(word.startswith("-n") for word in sys.argv[1:])
"""Runs no test itself: its workers do, each with services of its own."""

session = ExitStack()
if CONDUCTS:
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)  # the workers would load the settings before their services run
else:
    pytest_plugins = ["tests.cast"]
    services.start(session)
    django.setup()
    # Between tests with transactions all tables are emptied, which the audit record's own refuse.
    databases: Any = settings.DATABASES
    databases["default"]["OPTIONS"]["options"] += " -c askacme.audit_truncate=on"
    # Hashing a password as slowly as it should be takes a quarter of a second, for each person of each test.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure() -> None:
    if not CONDUCTS:
        from governance.prompts.released import released

        released.stop()
    session.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """An asynchronous test has a loop of its own: its clients, and its thread's connections, are closed with it."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.fixturenames.append("clients_closed_with_the_loop")


@pytest.fixture
async def clients_closed_with_the_loop() -> AsyncIterator[None]:
    from chat.runs.services import finish_running  # needs the apps, which load below the imports
    from chat.tools.services import finish_running as finish_tools

    yield
    await finish_running()
    await finish_tools()
    await close_all()
    await sync_to_async(connections.close_all)()


@pytest.fixture
def empty_redis() -> Iterator[None]:
    """A Redis without keys, before and after: for tests that count or list them."""
    import redis

    from governance.gateway.resilience import gate

    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushall()
        gate.forget()
        yield
        client.flushall()
