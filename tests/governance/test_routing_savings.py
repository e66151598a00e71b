"""What routing saved."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from governance.gateway.models import Inference
from governance.gateway.routing.savings import Savings, saved

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def make_call(cost: str | None, all_strong: str | None, **fields: Any) -> None:
    Inference.objects.create(
        **{
            "request_id": uuid4(),
            "purpose": "answer",
            "provider": "p",
            "model": "m",
            "status": "success",
            "cost_usd": cost and Decimal(cost),
            "all_strong_usd": all_strong and Decimal(all_strong),
            "created_at": NOW,
            **fields,
        }
    )


def last_day() -> Savings:
    return saved(NOW - timedelta(days=1), NOW + timedelta(seconds=1))


def test_what_was_spent_is_set_against_the_strong_model() -> None:
    make_call("0.001", "0.010")
    make_call("0.010", "0.010")
    assert last_day() == Savings(Decimal("0.011"), Decimal("0.020"), Decimal("0.009"), 2)


def test_without_calls_nothing_was_saved() -> None:
    assert last_day() == Savings(Decimal(0), Decimal(0), Decimal(0), 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"purpose": "judge"},
        {"status": "error"},
        {"created_at": NOW - timedelta(days=2)},
        {"cost_usd": None},
        {"all_strong_usd": None},
    ],
)
def test_other_calls_and_those_without_a_price_are_left_out(fields: dict[str, Any]) -> None:
    make_call("1", "2", **fields)
    assert last_day().calls == 0
