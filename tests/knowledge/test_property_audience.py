"""
Whatever is done to documents, collections, groups and people: nobody ever sees a document outside their audience.

Random sequences of changes are made through the services, and after each what every door shows is held against a plain
account of who may see what.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.conversations.models import Message
from chat.conversations.turns import turns_of
from governance.access.audience import EVERYONE, Audience
from governance.access.models import User
from governance.gateway.embeddings import DIMENSION, LocalEmbedder
from governance.gateway.types import Vectors
from knowledge.audience.grants import with_audience
from knowledge.audience.models import Collection
from knowledge.audience.services import change_collection_audience
from knowledge.audience.viewers import people_who_see
from knowledge.documents.models import Document
from knowledge.documents.services import (
    AudienceChoice,
    Lifecycle,
    change_audience,
    change_details,
    change_lifecycle,
    move_to_collection,
    upload,
    withdraw,
)
from knowledge.index.models import Vector
from knowledge.ingest.parse import parse_file
from knowledge.ingest.run import ingest
from knowledge.search.search import search
from tests.cast import bearer, make_collection, make_document, make_user
from tests.chat.rows import make_conversation, make_message

pytestmark = pytest.mark.django_db

QUERY = "leave of parents"


class HashEmbedder(LocalEmbedder):
    """Vectors from the hash of each word: equal words make texts alike, and that is all they mean."""

    dimension = DIMENSION
    max_tokens = 256

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def _run(self, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]) -> list[Vectors]:
        pieces = [
            [text, *(text[start:end] for start, end in inside)] for text, inside in zip(texts, spans, strict=True)
        ]
        return [np.stack([self.of_text(piece) for piece in each]) for each in pieces]

    def of_text(self, text: str) -> Any:
        total = sum(map(self.of_word, text.lower().split() or ["-"]))
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)

    @staticmethod
    @cache
    def of_word(word: str) -> Any:
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
        return np.random.default_rng(seed).standard_normal(DIMENSION)


@pytest.fixture
def cheap_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a model nor a child process: only who sees what matters here."""
    model = HashEmbedder(Path())
    monkeypatch.setattr("governance.gateway.embeddings._embedder", lambda _name: model)
    monkeypatch.setattr("knowledge.ingest.run.parse_safely", lambda path, name, **_: parse_file(Path(path), name))


# The plain account


@dataclass
class Seen:
    """Who may see something: everyone, or the groups with these ids."""

    everyone: bool = False
    groups: set[int] = field(default_factory=set)


@dataclass
class Paper:
    own: Seen
    owner: int | None
    home: int | None = None
    inherits: bool = False


@dataclass
class Account:
    """Who may see what, as a person would work it out."""

    members: dict[int, set[int]]
    active: dict[int, bool]
    collections: dict[int, Seen]
    papers: dict[int, Paper]

    def decides(self, paper: Paper) -> Seen:
        return self.collections[paper.home] if paper.inherits and paper.home else paper.own

    def may_see(self, user: int, document: int) -> bool:
        paper = self.papers[document]
        seen = self.decides(paper)
        known = self.active[user] and (paper.owner == user or bool(seen.groups & self.members[user]))
        return seen.everyone or known

    def seen_by(self, user: int) -> set[int]:
        return {document for document in self.papers if self.may_see(user, document)}

    def grants(self, document: int) -> set[int]:
        seen, owner = self.decides(self.papers[document]), self.papers[document].owner
        return ({EVERYONE} if seen.everyone else set()) | seen.groups | ({-owner} if owner else set())


@dataclass
class World:
    users: list[User]
    groups: list[Group]
    collections: list[Collection]
    account: Account

    def documents(self) -> list[Document]:
        return list(Document.objects.order_by("pk"))


@pytest.fixture
def world(cheap_reading: None) -> World:
    groups = [Group.objects.create(name=f"Group {n}") for n in range(3)]
    users = [make_user(f"p{n}@acme.example", *groups[:n]) for n in range(3)]
    collections = [make_collection(name="Open", for_everyone=True), make_collection(groups[0], name="Closed")]
    made = [make_document(text_of(n), path=f"{n}.md", for_everyone=False, owner=users[0]) for n in range(4)]
    account = Account(
        members={user.pk: {group.pk for group in groups[:n]} for n, user in enumerate(users)},
        active={user.pk: True for user in users},
        collections={collections[0].pk: Seen(everyone=True), collections[1].pk: Seen(groups={groups[0].pk})},
        papers={document.pk: Paper(Seen(), users[0].pk) for document in made},
    )
    for document, home in zip(made, collections, strict=False):
        move_to_collection(document=document, collection=home, audience=AudienceChoice(inherits=True), actor=None)
        account.papers[document.pk] = Paper(Seen(), users[0].pk, home.pk, inherits=True)
    for user in users:
        make_message(make_conversation(user), *[document.current for document in made if document.current])
    return World(users, groups, collections, account)


def text_of(n: int, version: int = 1) -> str:
    own = " ".join(f"word{n}{version}{place}" for place in range(12))
    return f"# Note {n}\n\nOn leave of parents: {own}.\n"


# What can happen


def draw_audience(data: st.DataObject, world: World) -> tuple[AudienceChoice, Seen]:
    everyone = data.draw(st.booleans())
    groups = [] if everyone else data.draw(st.lists(st.sampled_from(world.groups), unique=True))
    return AudienceChoice(everyone, tuple(groups)), Seen(everyone, {group.pk for group in groups})


def draw_document(data: st.DataObject, world: World) -> tuple[Document, Paper]:
    document = data.draw(st.sampled_from(world.documents()))
    return document, world.account.papers[document.pk]


def own_audience(data: st.DataObject, world: World) -> None:
    (document, paper), (choice, seen) = draw_document(data, world), draw_audience(data, world)
    change_audience(document=document, audience=choice, actor=None)
    paper.own, paper.inherits = seen, False


def move(data: st.DataObject, world: World) -> None:
    document, paper = draw_document(data, world)
    home = data.draw(st.sampled_from(world.collections))
    move_to_collection(document=document, collection=home, audience=AudienceChoice(inherits=True), actor=None)
    paper.home, paper.inherits, paper.own = home.pk, True, Seen()


def collection_audience(data: st.DataObject, world: World) -> None:
    home, (choice, seen) = data.draw(st.sampled_from(world.collections)), draw_audience(data, world)
    change_collection_audience(collection=home, audience=choice, actor=None)
    world.account.collections[home.pk] = seen


def membership(data: st.DataObject, world: World) -> None:
    user = data.draw(st.sampled_from(world.users))
    groups = data.draw(st.lists(st.sampled_from(world.groups), unique=True))
    user.groups.set(groups)
    world.account.members[user.pk] = {group.pk for group in groups}


def owner(data: st.DataObject, world: World) -> None:
    document, paper = draw_document(data, world)
    new = data.draw(st.sampled_from([*world.users, None]))
    change_details(document=document, title=document.title, owner=new, actor=None)
    paper.owner = new.pk if new else None


def come_and_go(data: st.DataObject, world: World) -> None:
    user = data.draw(st.sampled_from(world.users))
    user.is_active = world.account.active[user.pk] = not user.is_active
    user.save(update_fields=["is_active"])


def group_deleted(data: st.DataObject, world: World) -> None:
    if len(world.groups) == 1:
        return
    group = data.draw(st.sampled_from(world.groups))
    gone = group.pk
    world.groups.remove(group)
    group.delete()
    account = world.account
    for groups in [
        *account.members.values(),
        *(seen.groups for seen in account.collections.values()),
        *(paper.own.groups for paper in account.papers.values()),
    ]:
        groups.discard(gone)


def withdrawn(data: st.DataObject, world: World) -> None:
    if len(world.account.papers) > 1:
        document, _ = draw_document(data, world)
        del world.account.papers[document.pk]
        withdraw(document=document, actor=None)


def new_version(data: st.DataObject, world: World) -> None:
    document, _ = draw_document(data, world)
    number = document.versions.count() + 1
    text = text_of(int(document.path.removesuffix(".md")), number).encode()
    taken = upload(file=io.BytesIO(text), path=document.path, audience=None, owner=None, actor=None)
    ingest(taken.version.pk)
    taken.version.refresh_from_db()
    assert taken.version.state == "ready", taken.version.error


def superseded(data: st.DataObject, world: World) -> None:
    older, newer = sorted((draw_document(data, world)[0] for _ in range(2)), key=lambda document: document.pk)
    if older != newer:
        change_lifecycle(document=older, lifecycle=Lifecycle(superseded_by=newer), actor=None)


CHANGES: list[Callable[[st.DataObject, World], None]] = [
    own_audience, move, collection_audience, membership, owner, come_and_go, group_deleted, withdrawn, new_version,
    superseded,
]  # fmt: skip


# What every door shows


def check(world: World) -> None:
    account, documents = world.account, list(with_audience())
    stated: dict[int, set[frozenset[int]]] = {document.pk: set() for document in documents}
    for document_id, grants in Vector.objects.values_list("document", "grants"):
        stated[document_id].add(frozenset(grants))
    assert stated == {document: {frozenset(account.grants(document))} for document in account.papers}
    for document in documents:
        allowed = {user.pk for user in world.users if user.is_active and account.may_see(user.pk, document.pk)}
        assert {user.pk for user in people_who_see(document)} == allowed
    for user in world.users:
        check_search(world, User.objects.get(pk=user.pk), documents)


def check_search(world: World, user: User, documents: Sequence[Document]) -> None:
    audience, allowed = Audience.of(user), world.account.seen_by(user.pk)
    assert set(Document.objects.visible_to(audience).values_list("pk", flat=True)) == allowed
    hits = search(QUERY, audience=audience, top=100)
    assert {hit.document_id for hit in hits} == allowed
    hidden = [document.title for document in documents if document.pk not in allowed]
    assert not [hit.warning for hit in hits if any(title in hit.warning for title in hidden)]


def check_pages(world: World, user: User, client: Client) -> None:
    """The API's list and search, and the citations under old answers."""
    allowed = {document.path for document in Document.objects.filter(pk__in=world.account.seen_by(user.pk))}
    key = bearer(user)
    listed = client.get("/api/v1/documents", headers=key).json()
    found = client.get("/api/v1/search", {"q": QUERY}, headers=key).json()
    assert [{row["path"] for row in rows} for rows in (listed, found)] == [allowed, allowed]
    citations = [
        citation for turn in turns_of(Message.objects.all(), user) for citation in turn.message.citations.all()
    ]
    assert {citation.version.document.path for citation in citations} == allowed


@pytest.mark.slow
@pytest.mark.timeout(240)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_is_ever_shown_outside_its_audience(world: World, client: Client, data: st.DataObject) -> None:
    with transaction.atomic():
        here = deepcopy(world)
        for change in data.draw(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=5)):
            change(data, here)
            check(here)
        if active := [user for user in here.users if user.is_active]:
            check_pages(here, data.draw(st.sampled_from(active)), client)
        transaction.set_rollback(True)
