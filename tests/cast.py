"""The fixed cast: *ana* owns, *ben* is on her team, *cleo* must see nothing; and documents for them to see."""

import io
from typing import TypedDict, Unpack

import pytest
from django.contrib.auth.models import Group

from governance.access.models import ApiKey, User
from knowledge.audience.models import Collection
from knowledge.audience.services import create_collection
from knowledge.documents.models import Document, DocumentVersion
from knowledge.documents.services import AudienceChoice, upload
from knowledge.ingest.run import ingest

PARENTAL_LEAVE = """# Parental leave

All new parents get 16 weeks of fully paid parental leave after six months of service.

## How to apply

Tell your manager at least 8 weeks before the leave begins.
"""


class DocumentFields(TypedDict, total=False):
    path: str
    title: str
    for_everyone: bool
    groups: tuple[Group, ...]
    owner: User | None


def make_user(email: str, *groups: Group, **fields: object) -> User:
    user = User.objects.create_user(email, "a-long-password-1", name=email.split("@", maxsplit=1)[0].title(), **fields)
    user.groups.set(groups)
    return user


def make_collection(*groups: Group, name: str = "Handbook", for_everyone: bool = False) -> Collection:
    return create_collection(name=name, audience=AudienceChoice(for_everyone, groups), actor=None)


def upload_text(text: str = PARENTAL_LEAVE, **fields: Unpack[DocumentFields]) -> DocumentVersion:
    """Store a Markdown file as people would; nothing is read yet."""
    groups = fields.get("groups", ())
    taken = upload(
        file=io.BytesIO(text.encode()),
        path=fields.get("path", "parental-leave.md"),
        title=fields.get("title", ""),
        audience=AudienceChoice(for_everyone=fields.get("for_everyone", not groups), groups=tuple(groups)),
        owner=fields.get("owner"),
        actor=fields.get("owner"),
    )
    return taken.version


def make_document(text: str = PARENTAL_LEAVE, **fields: Unpack[DocumentFields]) -> Document:
    """A document that is ready: stored, read, split, embedded."""
    version = upload_text(text, **fields)
    ingest(version.pk)
    version.refresh_from_db()
    assert version.state == DocumentVersion.State.READY, version.error
    return Document.objects.get(pk=version.document_id)


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Uploads wait until the test reads them: no worker runs beside the tests. Gives the ids that were queued."""
    queued: list[int] = []
    monkeypatch.setattr("knowledge.documents.services.enqueue", queued.append)
    return queued


@pytest.fixture
def team(db: None) -> Group:
    return Group.objects.create(name="Team A")


@pytest.fixture
def ana(team: Group) -> User:
    return make_user("ana@acme.example", team)


@pytest.fixture
def ben(team: Group) -> User:
    return make_user("ben@acme.example", team)


@pytest.fixture
def cleo(db: None) -> User:
    return make_user("cleo@acme.example")


def bearer(user: User) -> dict[str, str]:
    """Headers for Django's test client."""
    return {"Authorization": f"Bearer {ApiKey.issue(user)}"}
