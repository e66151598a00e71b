"""The console's first page: what needs a look today."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from governance.access.console import actor_of
from governance.gateway.models import Inference
from knowledge.documents.listing import (
    MEANINGS,
    State,
    newest_of,
    with_newest_state,
    with_newest_version,
)
from knowledge.documents.models import Document

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Figure:
    """`tone` is `calm`, `busy` or `bad`."""

    name: str
    value: str
    note: str
    url: str
    tone: str = "calm"


def overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Figures and latest documents, as far as the person's permissions go."""
    person = actor_of(request)
    figures: list[Figure] = []
    if person.has_perm("knowledge.view_document"):
        figures += document_figures()
        latest = list(with_newest_version(Document.objects.order_by("-updated_at"))[:SHOWN])
        newest = [version for version in map(newest_of, latest) if version]
        failed = with_newest_version(with_newest_state(Document.objects.all()).filter(Q(newest_state=State.FAILED)))
        context |= {
            "latest": newest,
            "failed": [version for version in map(newest_of, failed[:SHOWN]) if version],
            "unfinished": [version for version in newest if not version.is_finished],
        }
    if person.has_perm("governance.view_inference"):
        figures += model_figures()
    return {**context, "figures": figures}


def document_figures() -> list[Figure]:
    counts = with_newest_state(Document.objects.order_by()).aggregate(
        **{name: Count("pk", filter=Q(newest_state__in=states)) for name, states in MEANINGS.items()}
    )
    due = Document.objects.due_for_review().count()
    url = reverse("admin:knowledge_document_changelist")
    return [
        Figure("Ready", f"{counts['ready']:,}", "documents that answers can use", f"{url}?state=ready"),
        Figure(
            "In progress",
            f"{counts['working']:,}",
            "being read now",
            f"{url}?state=working",
            "busy" if counts["working"] else "calm",
        ),
        Figure(
            "Failed",
            f"{counts['failed']:,}",
            "need a better file" if counts["failed"] else "nothing to mend",
            f"{url}?state=failed",
            "bad" if counts["failed"] else "calm",
        ),
        Figure(
            "Due for review",
            f"{due:,}",
            "to be looked through by their owners" if due else "nothing to look through",
            f"{url}?review=due",
            "busy" if due else "calm",
        ),
    ]


def model_figures() -> list[Figure]:
    """Calls to models since midnight, in the site's time zone."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = Inference.objects.filter(created_at__gte=midnight).aggregate(
        calls=Count("pk"),
        errors=Count("pk", filter=Q(status=Inference.Status.ERROR)),
        unpriced=Count("pk", filter=Q(cost_usd=None)),
        cost=Sum("cost_usd", default=Decimal(0)),
    )
    url = reverse("admin:governance_inference_changelist")
    return [
        Figure(
            "Model calls today",
            f"{today['calls']:,}",
            f"{today['errors']:,} failed" if today["errors"] else "none failed",
            url,
            "bad" if today["errors"] else "calm",
        ),
        Figure(
            "Cost today",
            f"${today['cost']:,.4f}",
            f"without {today['unpriced']:,} calls that have no price" if today["unpriced"] else "US dollars",
            url,
        ),
    ]
