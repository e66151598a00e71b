"""The console's list of documents: each with its newest version, in a fixed number of queries; and its filters."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from knowledge.documents.models import Document, DocumentVersion, VersionQuerySet
from knowledge.health.models import Finding
from knowledge.index.models import Chunk, SearchIndex

State = DocumentVersion.State
MEANINGS: dict[str, tuple[str, ...]] = {
    "working": DocumentVersion.UNFINISHED,
    "ready": (State.READY,),
    "failed": (State.FAILED,),
}


def with_newest_state(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Annotate `newest_state`, the state of the version uploaded last."""
    newest = DocumentVersion.objects.filter(document=OuterRef("pk")).order_by("-number")
    return documents.annotate(newest_state=Subquery(newest.values("state")[:1]))


def with_newest_version(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Documents on which `newest_of` and the audience cost no further query."""
    newest = light_versions().order_by("document_id", "-number").distinct("document_id")
    return (
        with_newest_state(documents)
        .select_related("owner", "current", "collection")
        .defer("current__text", "current__blocks")
        .prefetch_related(
            "groups", "collection__groups", Prefetch("versions", queryset=newest, to_attr="newest_versions")
        )
    )


def light_versions() -> VersionQuerySet:
    """Versions without their texts, with `chunk_count` and `warning_count`: how much on the health card is amiss."""
    live = SearchIndex.objects.filter(state=SearchIndex.State.LIVE)
    chunks = Chunk.objects.filter(version=OuterRef("pk"), index__in=live).order_by().values("version")
    count = Coalesce(Subquery(chunks.annotate(count=Count("pk")).values("count")), 0)
    amiss = Finding.objects.filter(version=OuterRef("pk")).exclude(severity=Finding.Severity.NOTE)
    warnings = Coalesce(Subquery(amiss.order_by().values("version").annotate(count=Count("pk")).values("count")), 0)
    return DocumentVersion.objects.defer("text", "blocks").annotate(chunk_count=count, warning_count=warnings)


def newest_of(document: Document) -> DocumentVersion | None:
    """The version uploaded last; of a document from `with_newest_version`."""
    versions: list[DocumentVersion] = getattr(document, "newest_versions", [])
    return versions[0] if versions else None


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("ready", "Ready"), ("working", "In progress"), ("failed", "Failed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> QuerySet[Document]:
        states = MEANINGS.get(self.value() or "")
        return queryset.filter(Q(newest_state__in=states)) if states else queryset


class AudienceFilter(admin.SimpleListFilter):
    title = "audience"
    parameter_name = "audience"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        groups = Group.objects.order_by("name").values_list("pk", "name")
        return [("everyone", "Everyone"), ("owner", "Only the owner"), *((str(pk), name) for pk, name in groups)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> QuerySet[Document]:
        chosen = self.value() or ""
        everyone = Q(for_everyone=True) | Q(inherits_audience=True, collection__for_everyone=True)
        if chosen == "everyone":
            return queryset.filter(everyone)
        own = Q(inherits_audience=False, groups=None)
        if chosen == "owner":
            return queryset.exclude(everyone).filter(own | Q(inherits_audience=True, collection__groups=None))
        group = int(chosen) if chosen.isdecimal() else None
        through = Q(inherits_audience=False, groups=group) | Q(inherits_audience=True, collection__groups=group)
        return queryset.exclude(everyone).filter(pk__in=Document.objects.filter(through)) if group else queryset


class ReviewFilter(admin.SimpleListFilter):
    title = "review"
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("due", "Due for review")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> QuerySet[Document]:
        due = Document.objects.due_for_review()
        return queryset.filter(pk__in=due) if self.value() == "due" else queryset
