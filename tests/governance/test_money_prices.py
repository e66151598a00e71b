"""The dated price table: which price applies, and what comes with AskAcme."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import IntegrityError

from governance.gateway.money.models import Price
from governance.gateway.money.prices import FREE, rate_of
from governance.gateway.money.shipped import load_shipped, shipped
from governance.gateway.types import Completed, Rate

pytestmark = pytest.mark.django_db
MAY = date(2026, 5, 1)


def make_price(model: str, dollars: str, **overrides: Any) -> Price:
    amounts = {"input_usd": Decimal(dollars), "output_usd": Decimal(dollars)}
    price: Price = Price.objects.create(model=model, **{"valid_from": MAY, **amounts, **overrides})
    return price


def input_price(provider: str, model: str, on: date = MAY) -> Decimal | int | None:
    rate = rate_of(provider, model, on=on)
    return rate.input if rate else None


def test_a_price_holds_from_its_day_until_the_next_one() -> None:
    make_price("acme-1", "4")
    make_price("acme-1", "3", valid_from=date(2026, 6, 1))
    days = [date(2026, 4, 30), MAY, date(2026, 5, 31), date(2026, 6, 1), date(2027, 1, 1)]
    assert [input_price("any", "acme-1", day) for day in days] == [None, 4, 4, 3, 3]


def test_the_most_specific_price_applies() -> None:
    make_price("acme-*", "1")
    make_price("acme-1-*", "2")
    make_price("acme-1-large", "3")
    make_price("acme-*", "4", provider="reseller")
    make_price("acme-1-large", "5", provider="reseller")
    found = [input_price("any", name) for name in ("acme-9", "acme-1-small", "acme-1-large", "acme")]
    assert found == [1, 2, 3, None]
    assert [input_price("reseller", name) for name in ("acme-1-small", "acme-1-large")] == [4, 5]


def test_a_name_does_not_stand_for_longer_ones_and_case_does_not_matter() -> None:
    make_price("Acme-1", "3")
    assert (input_price("any", "acme-1"), input_price("any", "acme-1-mini")) == (3, None)


def test_a_model_nobody_has_priced_has_no_rate() -> None:
    assert rate_of("local", "llama-of-our-own", on=MAY) is None


def test_the_reader_costs_nothing() -> None:
    assert rate_of("whatever it is called", "reader", on=MAY) == FREE


def test_without_prices_of_their_own_cached_tokens_cost_as_much_as_input() -> None:
    rate = make_price("acme-1", "4").rate()
    assert rate.cached_input == rate.cache_write == 4


def test_a_change_applies_at_once() -> None:
    price = make_price("acme-1", "4")
    assert input_price("any", "acme-1") == 4
    price.input_usd = Decimal(5)
    price.save()
    assert input_price("any", "acme-1") == 5
    price.delete()
    assert input_price("any", "acme-1") is None


def test_there_is_one_price_per_provider_model_and_day() -> None:
    make_price("acme-1", "4")
    with pytest.raises(IntegrityError, match="price_one_per_day"):
        make_price("acme-1", "5")


@pytest.mark.parametrize("model", ["ac*me", "", "**"])
def test_a_star_stands_only_at_the_end(model: str) -> None:
    with pytest.raises(IntegrityError, match="price_star_only_at_the_end"):
        make_price(model, "1")


def test_the_shipped_prices_are_there() -> None:
    day = date(2026, 11, 1)
    four = Decimal("0.15"), Decimal("0.6"), Decimal("0.075"), Decimal("0.15")
    assert rate_of("openai", "gpt-4o-mini-2024-07-18", on=day) == Rate(*four)
    four = Decimal(3), Decimal(15), Decimal("0.3"), Decimal("3.75")
    assert rate_of("anthropic", "claude-sonnet-4-5-20250929", on=day) == Rate(*four)


def test_an_answer_is_priced_by_what_was_cached() -> None:
    rate = rate_of("anthropic", "claude-sonnet-4-5", on=date(2026, 11, 1))
    assert rate is not None
    usage = Completed(10_000, 500, cached_input_tokens=6_000, cache_write_tokens=3_000)
    assert rate.of(usage) == Decimal("0.003") + Decimal("0.0018") + Decimal("0.01125") + Decimal("0.0075")


def test_loading_the_shipped_prices_again_leaves_edited_ones_alone() -> None:
    Price.objects.filter(model="gpt-4o").update(input_usd=Decimal("1.11"))
    Price.objects.filter(model="gpt-4o-mini").delete()
    load_shipped()
    assert Price.objects.get(model="gpt-4o").input_usd == Decimal("1.11")
    assert Price.objects.filter(model="gpt-4o-mini").exists()
    assert Price.objects.count() == len(shipped())


def test_before_there_was_a_table_nothing_is_loaded() -> None:
    load_shipped(apps=Apps())


def test_shipped_prices_say_where_and_when_they_were_read() -> None:
    assert all(row["source"].endswith(str(row["valid_from"])) for row in shipped())
    assert all(row.get("cached_input_usd", 0) <= row["input_usd"] for row in shipped())
