"""
Placeholders for personal data, and the way back.

A placeholder is its type and the first digits of an HMAC of (scope, type, value) under the secret key: within one
conversation the same value has the same one, from another nobody can tell that it is the same.
"""

import hashlib
import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from askacme.lib.errors import GuardUnavailable
from governance.guardrails.pii.entities import PLACEHOLDER, Span
from governance.guardrails.pii.find import find
from governance.guardrails.policy import Policy

logger = logging.getLogger(__name__)

DIGITS, MOST_DIGITS = 6, 16
MOST_PASSES = 6
"""A text that still changes then is hostile; masking makes texts shorter in what can be found."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without personal data. `values` maps the placeholders in it to what stood there."""

    text: str
    values: Mapping[str, str] = field(default_factory=dict)


def mask(text: str, *, scope: str, policy: Policy) -> Masked:
    """
    The text with placeholders for what `find` finds. Masked again it stays as it is.

    `scope` is the conversation's id. Raises GuardUnavailable when the text could not be looked at: fail closed.
    """
    values: dict[str, str] = {}
    for _again in range(MOST_PASSES):
        masked = once(text, scope, policy, values)
        if masked == text:
            return Masked(text, values)
        text = masked
    raise GuardUnavailable(_("This text can't be checked for personal data. Please write it in other words."))


def once(text: str, scope: str, policy: Policy, values: dict[str, str]) -> str:
    parts, done = [], 0
    for span in found_in(text, policy):
        value = text[span.start : span.end]
        parts += [text[done : span.start], name_for(value, span.entity, scope, values, text)]
        done = span.end
    return "".join([*parts, text[done:]])


def found_in(text: str, policy: Policy) -> tuple[Span, ...]:
    try:
        return find(text, policy=policy)
    except Exception as error:
        # Not its message: it may quote the text.
        logger.error("Personal data could not be looked for (%s)", type(error).__name__)
        raise GuardUnavailable(
            _("What you wrote could not be checked for personal data, so it was not kept. Please try again.")
        ) from None


def name_for(value: str, entity: str, scope: str, values: dict[str, str], text: str) -> str:
    """Longer by a digit where another value, or what somebody typed, has it already."""
    key = hashlib.sha256(b"askacme placeholders" + str(settings.SECRET_KEY).encode()).digest()
    digest = hmac.new(key, f"{scope}\0{entity}\0{value}".encode(), hashlib.sha256).hexdigest()
    for digits in range(DIGITS, MOST_DIGITS):
        name = f"[{entity}_{digest[:digits]}]"
        if values.get(name, value) == value and (name in values or name not in text):
            break
    values[name] = value
    return name


def restore(text: str, values: Mapping[str, str]) -> str:
    """The text with the real values where they are known; placeholders that nobody knows stay."""
    return PLACEHOLDER.sub(lambda match: values.get(match[0], match[0]), text)


def shortened(text: str, most: int) -> str:
    """At most so many characters of a text that grew by its placeholders; none of these is cut in two."""
    if len(text) <= most:
        return text
    end = most - 1
    for match in PLACEHOLDER.finditer(text):
        if match.start() < end < match.end():
            end = match.start()
    return text[:end].rstrip() + "…"
