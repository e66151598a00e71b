"""What the tests of prompts share."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def nothing_followed() -> Iterator[None]:
    """A test's releases are gone with it, also from the process's memory."""
    from governance.prompts.released import released  # needs the apps, which load after this module

    yield
    released.stop()
