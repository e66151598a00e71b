"""What people change about documents is on the audit record as it was before and as it is after."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from governance.access.models import User
from governance.audit.models import AuditEvent
from knowledge.audience.services import create_collection, delete_collection, rename_collection
from knowledge.documents.services import AudienceChoice, change_details, mark_reviewed, withdraw
from knowledge.index.models import Chunk
from knowledge.index.services import correct, disable
from tests.cast import make_document

pytestmark = pytest.mark.django_db(transaction=True)


def sides(action: str) -> tuple[object, object]:
    details = AuditEvent.objects.filter(action=action).latest("pk").details
    return details.get("before"), details.get("after")


def test_a_document_s_title_and_owner(ana: User, ben: User) -> None:
    document = make_document(title="Leave", owner=ana)
    change_details(document=document, title="Parental leave", owner=ben, actor=ben)
    assert sides("document.change") == (
        {"title": "Leave", "owner": str(ana)},
        {"title": "Parental leave", "owner": str(ben)},
    )


def test_a_deleted_document(ana: User, team: Group) -> None:
    withdraw(document=make_document(title="Leave", owner=ana, for_everyone=False, groups=(team,)), actor=ana)
    before, after = sides("document.delete")
    assert (before, after) == ({"title": "Leave", "owner": str(ana), "audience": ["Team A"]}, None)


def test_a_review(ana: User) -> None:
    document, day = make_document(), timezone.localdate() + timedelta(days=90)
    mark_reviewed(document=document, next_review=day, actor=ana)
    assert sides("document.review") == ({"review_on": None}, {"review_on": day.isoformat()})


def test_a_collection_renamed_and_deleted(ana: User) -> None:
    collection = create_collection(name="Handbook", audience=AudienceChoice(for_everyone=True), actor=ana)
    rename_collection(collection=collection, name="Guide", description="All of it", actor=ana)
    assert sides("collection.rename") == (
        {"name": "Handbook", "description": ""},
        {"name": "Guide", "description": "All of it"},
    )
    delete_collection(collection=collection, actor=ana)
    assert sides("collection.delete")[0] == {"description": "All of it", "audience": ["Everyone"]}


def test_a_corrected_passage_by_its_state_and_not_its_words(ana: User) -> None:
    make_document()
    chunk = Chunk.objects.select_related("version", "index").get()
    correct(chunk=chunk, text="Every parent gets 18 weeks.", actor=ana)
    assert sides("passage.correct") == ({"state": "as in the document"}, {"state": "corrected"})
    disable(chunk=Chunk.objects.select_related("version", "index").get(), actor=ana)
    assert sides("passage.disable") == ({"state": "corrected"}, {"state": "disabled"})
