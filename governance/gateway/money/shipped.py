"""The prices that come with AskAcme: public ones, as they stood on the vendors' pages on the days in `prices.json`."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS

from governance.gateway.money.prices import table

FILE = Path(__file__).with_name("prices.json")
AMOUNTS = ("input_usd", "cached_input_usd", "cache_write_usd", "output_usd")


def load_shipped(*, apps: Apps = installed, using: str = DEFAULT_DB_ALIAS, **_signal: object) -> None:
    """
    Add the shipped prices that are missing; after each migration, and safe to call again.

    Rows that are there stay as they are: somebody may have edited them.
    """
    try:
        price = apps.get_model("governance", "Price")
    except LookupError:  # migrated back to before there were prices
        return
    rows = [price(**row) for row in shipped()]
    price.objects.using(using).bulk_create(rows, ignore_conflicts=True)
    table.forget()


def shipped() -> list[dict[str, Any]]:
    """Each price as the fields of its row."""
    content: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return [
        {
            "model": row["model"],
            "valid_from": row.get("valid_from", vendor["valid_from"]),
            "source": f"{vendor['page']}, {vendor['read_on']}",
            **{name: Decimal(row[name]) for name in AMOUNTS if name in row},
        }
        for vendor in content["vendors"]
        for row in vendor["prices"]
    ]
