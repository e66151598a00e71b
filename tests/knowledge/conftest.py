"""*hr* at the console."""

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.roles import ensure_roles
from tests.cast import make_user


@pytest.fixture
def hr() -> User:
    return make_user("hr@acme.example", ensure_roles()["HR"], is_staff=True)


@pytest.fixture
def console(client: Client, hr: User) -> Client:
    client.force_login(hr)
    return client
