"""What one request has used and cost, all its attempts together, those that failed or were stopped included."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, Sum

from governance.gateway.models import Inference


@dataclass(frozen=True, slots=True)
class Spent:
    """`cost_usd` is None when a model that was used has no price."""

    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None


def spent_on(request_id: UUID) -> Spent:
    rows = Inference.objects.filter(request_id=request_id)
    used = Q(input_tokens__gt=0) | Q(output_tokens__gt=0)
    sums = rows.aggregate(
        input=Sum("input_tokens"),
        output=Sum("output_tokens"),
        cost=Sum("cost_usd"),
        unpriced=Count("pk", filter=used & Q(cost_usd=None)),
    )
    cost = None if sums["unpriced"] else sums["cost"] or Decimal(0)
    return Spent(sums["input"] or 0, sums["output"] or 0, cost)
