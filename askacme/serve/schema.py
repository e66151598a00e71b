"""Bring the database's tables up to date with the code."""

from collections.abc import Callable

import django
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

MIGRATION_LOCK = 0x41736B41
"""An advisory lock, so that two processes that start at once don't migrate at once."""


def bring_up_to_date(on_change: Callable[[], None]) -> None:
    """Run the migrations that the database lacks; `on_change` is called first if there are any."""
    django.setup()
    if not missing_migrations():
        return
    on_change()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def missing_migrations() -> int:
    """How many migrations the code has and the database has not."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
