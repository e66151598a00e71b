"""
A group or a person is deleted: what they let see is seen by fewer, and search is told in the same transaction.

Django sends these signals for every deletion that goes through its models, the console's included. The rows that tie a
group to documents are gone after it, so they are looked up before.
"""

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Q
from django.db.models.signals import post_delete, pre_delete

from governance.access.models import User
from knowledge.audience.grants import hold, restate
from knowledge.documents.models import Document


def listen() -> None:
    for model in (Group, User):
        pre_delete.connect(remember, sender=model, dispatch_uid="audience_remember")
        post_delete.connect(restate_remembered, sender=model, dispatch_uid="audience_restate")


def remember(instance: Group | User, **_: Any) -> None:
    if isinstance(instance, Group):
        inherited = Q(inherits_audience=True, collection__groups=instance)
        found = Document.objects.filter(Q(groups=instance) | inherited)
    else:
        found = Document.objects.filter(owner=instance)
    documents = list(Document.objects.filter(pk__in=found.values("pk")).order_by("pk").select_for_update())
    for collection_id in sorted({document.collection_id for document in documents if document.collection_id}):
        hold(collection_id)
    instance.__dict__["documents_to_restate"] = documents


def restate_remembered(instance: Group | User, **_: Any) -> None:
    restate(instance.__dict__.pop("documents_to_restate", ()))
