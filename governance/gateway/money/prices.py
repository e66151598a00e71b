"""What a model costs on a day."""

from datetime import date
from decimal import Decimal

from django.db.models.signals import post_delete, post_save

from governance.gateway.money.models import Price
from governance.gateway.money.remembered import Remembered
from governance.gateway.types import Rate

READER_MODEL = "reader"
"""The built-in reader quotes on this machine: it costs nothing, whatever it is called."""

FREE = Rate(Decimal(0), Decimal(0), Decimal(0), Decimal(0))
table: Remembered[tuple[Price, ...]] = Remembered(lambda: tuple(Price.objects.order_by("valid_from")), for_s=5)
post_save.connect(table.forget, sender=Price)
post_delete.connect(table.forget, sender=Price)


def rate_of(provider: str, model: str, *, on: date) -> Rate | None:
    """
    The price of this provider's model on the day (UTC); None: nobody knows it.

    A price for the provider goes before prices for all, then a full name before a beginning of it, then the longer
    beginning, then the newest. Upper and lower case are the same.
    """
    if model == READER_MODEL:
        return FREE
    known = [price for price in table.get() if price.valid_from <= on and applies(price, provider, model)]
    return max(known, key=how_specific).rate() if known else None


def applies(price: Price, provider: str, model: str) -> bool:
    pattern, name = price.model.lower(), model.lower()
    fits = name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
    return fits and price.provider.lower() in {"", provider.lower()}


def how_specific(price: Price) -> tuple[bool, bool, int, date]:
    return bool(price.provider), not price.model.endswith("*"), len(price.model), price.valid_from
