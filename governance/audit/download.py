"""The audit record taken away from the console: what the page lists, as JSON Lines, without what people said."""

import heapq
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from operator import attrgetter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from askacme.lib.threads import in_thread
from governance.access.console import actor_of
from governance.audit.answers import verdicts_in
from governance.audit.export import AT_ONCE, in_pages, line_of
from governance.audit.models import AuditedAnswer
from governance.audit.pages import RecordForm, address, filters_of, must_see
from governance.audit.search import Filters, Row, acts, answers
from governance.audit.services import record

MOST = 50_000
"""Rows of one file from the console; `manage.py export_audit` writes all there are."""


def download(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The rows that the filters let through, the oldest first; that they were taken is on record. PermissionDenied."""
    must_see(request)
    form = RecordForm(request.GET)
    filters = filters_of(form.cleaned_data) if form.is_valid() else None
    if filters is None or filters.hides_people:
        return redirect(address(request))
    if acts(filters)[: MOST + 1].count() + answers(filters)[: MOST + 1].count() > MOST:
        messages.error(request, f"More than {MOST:,} rows: choose fewer days, or let your operator export them.")
        return redirect(address(request))
    asked = {name: str(value) for name, value in form.cleaned_data.items() if value}
    record(actor=actor_of(request), action="audit.export", target="audit record", filters=asked)
    response = StreamingHttpResponse(lines(oldest_first(filters)), content_type="application/jsonl")
    name = f"askacme-audit-{timezone.now():%Y-%m-%d-%H%M}.jsonl"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def oldest_first(filters: Filters) -> Iterator[Row]:
    tables = (acts(filters).select_related("actor"), answers(filters).select_related("user"))
    return islice(heapq.merge(*map(in_pages, tables), key=attrgetter("at")), MOST)


async def lines(rows: Iterator[Row]) -> AsyncIterator[str]:
    """OCSF events, each with its newline, many at once: what is sent already is not kept in memory."""
    while part := await in_thread(next_lines, rows):
        yield part


def next_lines(rows: Iterator[Row]) -> str:
    part = list(islice(rows, AT_ONCE))
    for row in part:
        if isinstance(row, AuditedAnswer):
            take_words_out_of(row)
    return "".join(map(line_of, part))


def take_words_out_of(answer: AuditedAnswer) -> None:
    """Of the value in memory only. What stays: figures, names of documents, and what guards decided."""
    answer.question = answer.standalone = answer.answer = ""
    answer.passages = [{**passage, "quote": ""} for passage in answer.passages]
    answer.stages = [
        {name: stage[name] for name in ("name", "start_ms", "ms")} | {"guards": list(verdicts_in(stage))}
        for stage in answer.stages
    ]
