"""A document whose text hides something: its file, which doesn't, is only for those who administer documents."""

import pytest
from django.http import Http404
from django.test import Client

from chat.proof.views import open_file
from governance.access.models import User
from governance.access.roles import ensure_roles
from knowledge.documents.models import Document
from tests.cast import make_document, make_user

pytestmark = pytest.mark.django_db

KEY = "AKIA" + "Q3EXMPLE7VN2KD4T"


@pytest.fixture
def masked() -> Document:
    return make_document(f"# Travel\n\nTrains are booked by the travel desk. The key is {KEY}.\n")


def page_of(client: Client, user: User, document: Document) -> str:
    client.force_login(user)
    return client.get(f"/documents/{document.current_id}/").content.decode()


def test_who_reads_it_sees_dots_and_gets_no_file(client: Client, ben: User, masked: Document) -> None:
    html = page_of(client, ben, masked)
    assert f"The key is {'•' * len(KEY)}." in html
    assert "Original file" not in html
    with pytest.raises(Http404):
        open_file(ben, masked.current_id or 0)


def test_who_administers_documents_gets_the_file(client: Client, masked: Document) -> None:
    hr = make_user("hr@acme.example", ensure_roles()["HR"], is_staff=True)
    assert "Original file" in page_of(client, hr, masked)
    _, file = open_file(hr, masked.current_id or 0)
    with file:
        assert KEY.encode() in file.read()


def test_a_document_that_hides_nothing_is_open_with_its_file(client: Client, ben: User) -> None:
    assert "Original file" in page_of(client, ben, make_document())
