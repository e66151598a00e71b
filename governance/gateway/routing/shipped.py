"""The examples and rules that come with AskAcme, given once: what people change or delete afterwards stays so."""

import json
from pathlib import Path
from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, transaction

EXAMPLES = Path(__file__).with_name("examples.jsonl")
RULES: tuple[dict[str, Any], ...] = (
    {"position": 10, "kind": "comparison", "tier": "strong", "note": "Sets several passages side by side."},
    {"position": 20, "kind": "multi_step", "tier": "strong", "note": "Brings several facts together."},
    {"position": 1000, "tier": "fast", "note": "One passage holds the answer, or none is needed."},
)


def ship(*, apps: Apps = installed, using: str = DEFAULT_DB_ALIAS, **_signal: object) -> None:
    """After each migration: what this release brings and no earlier one did."""
    try:
        example: Any = apps.get_model("governance", "RoutingExample")
        rule: Any = apps.get_model("governance", "RoutingRule")
        shipped: Any = apps.get_model("governance", "ShippedRouting")
    except LookupError:  # migrated back to before there was a router
        return
    with transaction.atomic(using=using):
        known = set(shipped.objects.using(using).values_list("key", flat=True))
        examples = {key: row for row in shipped_examples() if (key := f"example:{row['text']}") not in known}
        rules = {key: row for row in RULES if (key := f"rule:{row['position']}") not in known}
        new = [shipped(key=key) for key in [*examples, *rules]]
        shipped.objects.using(using).bulk_create(new)
        rows = [example(**row, is_shipped=True) for row in examples.values()]
        example.objects.using(using).bulk_create(rows, ignore_conflicts=True)
        rule.objects.using(using).bulk_create(rule(**row) for row in rules.values())


def shipped_examples() -> list[dict[str, str]]:
    """`text`, `kind` and `department` of each."""
    return [json.loads(line) for line in EXAMPLES.read_text(encoding="utf-8").splitlines()]
