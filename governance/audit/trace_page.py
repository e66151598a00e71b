"""The trace of one answer, as a page of the console: a waterfall of its steps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from askacme.lib.errors import NotFound
from governance.access.console import actor_of
from governance.audit.trace import AnswerTrace, Step, trace_of

WIDTH = 1000
"""Of the drawing, in its own units, whatever the screen's width is."""
THINNEST = 4
TICKS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A step and where it stands in the drawing: `x`, the part in which it `waits`, the part in which it works."""

    step: Step
    x: int
    waits: int
    works: int

    @property
    def works_from(self) -> int:
        return self.x + self.waits


def trace_page(request: HttpRequest, request_id: UUID) -> HttpResponse:
    try:
        trace = trace_of(reader=actor_of(request), request_id=request_id)
    except NotFound as error:
        raise Http404 from error
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Trace of an answer",
        "trace": trace,
        "bars": list(bars_of(trace)),
        "ticks": [trace.total_ms * n // TICKS for n in range(TICKS + 1)],
        "width": WIDTH,
    }
    return TemplateResponse(request, "admin/governance/audit/trace.html", context)


def bars_of(trace: AnswerTrace) -> Iterator[Bar]:
    return bars(trace.steps, trace.total_ms)


def bars(steps: Iterable[Step], total_ms: int) -> Iterator[Bar]:
    for step in steps:
        works = max(THINNEST, scaled(step.ms - step.waited_ms, total_ms))
        waits = scaled(step.waited_ms, total_ms)
        yield Bar(step, min(scaled(step.start_ms, total_ms), WIDTH - waits - works), waits, works)


def scaled(ms: int, total_ms: int) -> int:
    return WIDTH * ms // total_ms
