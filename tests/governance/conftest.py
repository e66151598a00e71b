"""What the gateway's tests share."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Budgets and prices that a test made are gone with it, also from the process's memory."""
    from governance.gateway.money.budgets import active  # needs the apps, which load after this module
    from governance.gateway.money.prices import table

    yield
    active.forget()
    table.forget()
