"""What routing saved, against asking the strong model everything."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Sum

from governance.gateway.models import Inference


@dataclass(frozen=True, slots=True)
class Savings:
    """US dollars. `saved` is negative when routing cost more, as a dearer second provider can make it."""

    spent: Decimal
    all_strong: Decimal
    saved: Decimal
    calls: int


def saved(since: datetime, until: datetime) -> Savings:
    """
    Over the answers from `since` (included) to `until` (excluded) that succeeded.

    Calls whose cost, or whose cost on the strong model, isn't known are left out: of both sums.
    """
    seen = Inference.objects.filter(
        purpose="answer",
        status=Inference.Status.SUCCESS,
        created_at__gte=since,
        created_at__lt=until,
        cost_usd__isnull=False,
        all_strong_usd__isnull=False,
    ).aggregate(spent=Sum("cost_usd"), all_strong=Sum("all_strong_usd"), calls=Count("pk"))
    spent, all_strong = seen["spent"] or Decimal(0), seen["all_strong"] or Decimal(0)
    return Savings(spent, all_strong, all_strong - spent, seen["calls"])
