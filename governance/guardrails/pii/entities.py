"""Kinds of personal data, and what people call them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

HIDDEN = "HIDDEN"
"""A word of the company's own list."""

NAMES: dict[str, StrOrPromise] = {
    "ADDRESS": _("postal address"),
    "API_KEY": _("password or key"),
    "CREDIT_CARD": _("card number"),
    "DATE_OF_BIRTH": _("date of birth"),
    "EMAIL": _("e-mail address"),
    HIDDEN: _("confidential word"),
    "IBAN": _("bank account"),
    "IP_ADDRESS": _("IP address"),
    "PASSPORT": _("passport number"),
    "PERSON": _("name"),
    "PHONE": _("phone number"),
}
"""Whatever is not in here is the number of an identity card, of an insurance or of a tax office."""

CHECKED = frozenset({"CREDIT_CARD", "IBAN", "ES_DNI", "UK_NINO", "IN_AADHAAR", "US_SSN"})
"""What is told by a checksum or a form of its own: a look-alike is rare."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a text are personal data. `score` is 0..1: of two that overlap the higher wins."""

    start: int
    end: int
    entity: str
    score: float

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end


def apart(spans: Iterable[Span], taken: Sequence[Span] = ()) -> list[Span]:
    """The best of those that overlap: the highest score, then the longest; and none that overlaps what is taken."""
    kept = list(taken)
    for span in sorted(spans, key=lambda span: (-span.score, span.start - span.end)):
        if not any(span.overlaps(other) for other in kept):
            kept.append(span)
    return sorted(kept[len(taken) :], key=lambda span: span.start)


def name_of(entity: str) -> str:
    """What it is, for people."""
    return str(NAMES.get(entity, _("ID number")))


def counted(entity: str, count: int) -> str:
    """Such as “2 × e-mail address”."""
    return ngettext("%(count)s %(what)s", "%(count)s × %(what)s", count) % {"count": count, "what": name_of(entity)}


PLACEHOLDER = re.compile(r"\[([A-Z][A-Z_]{1,30})_([0-9a-f]{6,16})\]")
"""What stands in a text in the place of personal data."""
