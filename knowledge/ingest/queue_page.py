"""The console's page of the queue: what is in work, what waits and why, what failed lately; and its buttons."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from governance.access.console import actor_of
from governance.access.models import User
from knowledge.documents.models import STALLED_AFTER, Document, DocumentVersion, VersionQuerySet
from knowledge.documents.services import cancel, retry
from knowledge.ingest.queue import a_worker_lives
from knowledge.ingest.turns import in_fair_order

MOST_WAITING = 50
MOST_FAILED = 20
LATELY = timedelta(days=1)
NO_WORKER = "No worker answers: it is read as soon as one runs."

State = DocumentVersion.State


@dataclass(frozen=True, slots=True)
class Line:
    """One version and what there is to say of it. `position` is its place among those that wait for their turn."""

    version: DocumentVersion
    words: str
    position: int | None = None

    @property
    def position_words(self) -> str:
        return str(self.position or "")

    @property
    def uploaded_by(self) -> str:
        return str(self.version.uploaded_by or "Import")


@dataclass(frozen=True, slots=True)
class Queue:
    """What the page shows. `waiting_count` counts also what is beyond the lines shown."""

    in_work: list[Line]
    waiting: list[Line]
    waiting_count: int
    failed: list[Line]
    failed_count: int
    worker_lives: bool

    @property
    def beyond(self) -> int:
        return self.waiting_count - len(self.waiting)


def queue_now() -> Queue:
    now = timezone.now()
    versions = DocumentVersion.objects.defer("text", "blocks").select_related("document", "uploaded_by")
    in_work = versions.filter(state__in=[State.PARSING, State.EMBEDDING]).order_by("started_at")
    failed = versions.filter(state=State.FAILED, heartbeat_at__gte=now - LATELY).order_by("-heartbeat_at")
    worker_lives = a_worker_lives()
    return Queue(
        in_work=[Line(version, progress_in_words(version, now)) for version in in_work],
        waiting=waiting_lines(versions, worker_lives=worker_lives),
        waiting_count=DocumentVersion.objects.filter(state=State.QUEUED).count(),
        failed=[Line(version, f"{ago(version.heartbeat_at, now)} ago") for version in failed[:MOST_FAILED]],
        failed_count=failed.count(),
        worker_lives=worker_lives,
    )


def waiting_lines(versions: VersionQuerySet, *, worker_lives: bool) -> list[Line]:
    """Those whose turn can come at any time, in the order of their turns; then those that wait for a moment to come."""
    order = in_fair_order()[:MOST_WAITING]
    found = versions.in_bulk(order)
    lines = [
        Line(found[pk], turn_in_words(position, worker_lives=worker_lives), position)
        for position, pk in enumerate(order, 1)
        if pk in found
    ]
    later = versions.filter(state=State.QUEUED, retry_at__gt=timezone.now()).order_by("retry_at")
    return lines + [Line(version, retry_in_words(version)) for version in later[: MOST_WAITING - len(lines)]]


def turn_in_words(position: int, *, worker_lives: bool) -> str:
    if not worker_lives:
        return NO_WORKER
    if position == 1:
        return "Next."
    return f"{position - 1} before it."


def retry_in_words(version: DocumentVersion) -> str:
    at = f"{timezone.localtime(version.retry_at):%H:%M:%S}"
    why = version.error or "The worker stopped while reading it."
    return f"Tried again at {at}, for the {ordinal(version.attempts + 1)} time. {why}"


def progress_in_words(version: DocumentVersion, now: datetime) -> str:
    words = f"For {ago(version.started_at or now, now)}, last sign of life {ago(version.heartbeat_at, now)} ago."
    if version.attempts > 1:
        words += f" {ordinal(version.attempts).capitalize()} attempt."
    if now - version.heartbeat_at > STALLED_AFTER:
        words += " Its worker has stopped: it goes back to the queue."
    return words


def ago(moment: datetime, now: datetime) -> str:
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < 100:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 6000 else f"{seconds // 3600} h"


def ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def queue_page(request: HttpRequest, console: ModelAdmin[Document]) -> HttpResponse:
    """The page; to htmx, only the part of it that changes."""
    if not console.has_view_permission(request):
        raise PermissionDenied
    template = "admin/queue/lines.html" if request.headers.get("HX-Request") else "admin/queue/queue.html"
    shell = {**console.admin_site.each_context(request), "title": "Queue"}
    may_change = console.has_change_permission(request)
    return TemplateResponse(request, template, {**shell, "queue": queue_now(), "may_change": may_change})


def cancel_and_say(version: DocumentVersion, actor: User) -> str:
    done = cancel(version=version, actor=actor)
    return f"{version.document} is no longer read." if done else f"Too late: {version.document} was finished already."


def retry_and_say(version: DocumentVersion, actor: User) -> str:
    done = retry(version=version, actor=actor)
    return f"{version.document} is being read again." if done else f"{version.document} has not failed."


def act(
    request: HttpRequest,
    version_id: int,
    console: ModelAdmin[Document],
    verb: Callable[[DocumentVersion, User], str],
    *,
    leads_to_document: bool = False,
) -> HttpResponse:
    """What a button does, then back to where it stands."""
    if not console.has_change_permission(request):
        raise PermissionDenied
    version = get_object_or_404(DocumentVersion.objects.select_related("document"), pk=version_id)
    messages.success(request, verb(version, actor_of(request)))
    if leads_to_document:
        return redirect("admin:knowledge_document_change", version.document_id)
    return redirect("admin:knowledge_queue")


def routes(console: ModelAdmin[Document]) -> list[URLPattern]:
    """The page's addresses, below the documents'."""
    signed_in = console.admin_site.admin_view
    page = require_GET(partial(queue_page, console=console))
    cancelling = require_POST(partial(act, console=console, verb=cancel_and_say))
    retrying = require_POST(partial(act, console=console, verb=retry_and_say))
    of_document = require_POST(partial(act, console=console, verb=cancel_and_say, leads_to_document=True))
    return [
        path("queue/", signed_in(page), name="knowledge_queue"),
        path("queue/<int:version_id>/cancel/", signed_in(cancelling), name="knowledge_queue_cancel"),
        path("queue/<int:version_id>/retry/", signed_in(retrying), name="knowledge_queue_retry"),
        path("versions/<int:version_id>/cancel/", signed_in(of_document), name="knowledge_document_cancel"),
    ]
