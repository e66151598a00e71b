"""
The documents' audiences, repeated beside their vectors.

`Vector.grants` lets the vector ranking leave out what a person may not see. Every act that changes who may see a
document restates it in the same transaction, under the lock of the collection that decides.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

from knowledge.audience.models import Collection
from knowledge.documents.models import Document, DocumentQuerySet
from knowledge.index.models import Vector

BATCH = 1000
"""Documents read at once."""


def restate(documents: Iterable[Document]) -> None:
    """
    Write the documents' grants, as they are in the database now, beside their vectors; one statement for equal ones.

    Call it in the transaction of the change. Vectors that say so already are left alone.
    """
    ids = [document.pk for document in documents]
    for begin in range(0, len(ids), BATCH):
        restate_some(ids[begin : begin + BATCH])


def restate_some(ids: list[int]) -> None:
    alike: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for document in with_audience().filter(pk__in=ids):
        alike[tuple(document.grants)].append(document.pk)
    for grants, same in alike.items():
        Vector.objects.filter(document__in=same).exclude(grants=list(grants)).update(grants=list(grants))


def settled_grants(document: Document) -> list[int]:
    """
    The document's grants for vectors about to be stored.

    Until the end of the transaction neither its audience nor its collection's can change: a change waits, and then
    restates what was stored meanwhile. Call it before the document's vectors are touched: whoever changes a
    collection's audience locks that before them, too. Several documents of a collection can be stored at a time.
    """
    fresh = Document.objects.select_for_update().get(pk=document.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM knowledge_collection WHERE id = %s FOR SHARE", [fresh.collection_id])
    return with_audience().get(pk=document.pk).grants


def hold(collection_id: int | None) -> None:
    """
    Let nobody else state grants by the collection's audience until the end of the transaction.

    Lock documents before it, and vectors after it.
    """
    if collection_id is not None:
        list(Collection.objects.select_for_update(no_key=True).filter(pk=collection_id).values_list("pk"))


def with_audience() -> DocumentQuerySet:
    """Documents whose grants and audience cost no further query."""
    return Document.objects.select_related("collection").prefetch_related("groups", "collection__groups")
