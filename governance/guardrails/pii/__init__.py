"""Personal data and secrets: found, hidden behind placeholders, and given back to the person who wrote them."""

from governance.guardrails.pii.entities import PLACEHOLDER, Span
from governance.guardrails.pii.find import find
from governance.guardrails.pii.mask import Masked, mask, restore, shortened

__all__ = ["PLACEHOLDER", "Masked", "Span", "find", "mask", "restore", "shortened"]
