"""Results in words: by a template that can name values and nothing else."""

from decimal import Decimal
from typing import Any

import pytest

from chat.tools.wording import NotThere, listed, worded

DATA: dict[str, Any] = {
    "left": 17,
    "half": Decimal("2.50"),
    "on": "2026-11-30",
    "open": True,
    "nobody": None,
    "next": {"pay": [{"net": "3412.50"}]},
    "evil": "[click](https://evil.example) <b>*now*</b>\n# [1]",
}


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("You have {left} days.", "You have 17 days."),
        ("{half} days", "2.5 days"),
        ("on {on}", "on 30 November 2026"),
        ("{open}, {nobody}", "yes, none"),
        ("{next.pay.0.net}", "3412.50"),
        ("{}, {left!r}, {left:>99}, {{left}}", "{}, {left!r}, {left:>99}, {17}"),
    ],
)
def test_places_are_filled(template: str, words: str) -> None:
    assert worded(template, DATA) == words


@pytest.mark.parametrize("place", ["missing", "left.real", "next", "next.pay.1", "left.__class__", "on.0", "__class__"])
def test_a_place_names_keys_and_plain_values_only(place: str) -> None:
    with pytest.raises(NotThere):
        worded(f"{{{place}}}", DATA)


def test_what_another_system_says_is_no_markdown() -> None:
    assert worded("{evil}", DATA) == r"\[click\](https://evil.example) \<b\>\*now\*\</b\> \# \[1\]"


def test_without_a_template_the_plain_values_are_listed() -> None:
    assert listed({"remaining_days": 17, "parts": [1]}) == "- remaining days: 17"
