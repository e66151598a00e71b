"""Placeholders as people read them: the real value for whoever wrote it, for everybody else what kind it is."""

import re
from collections import Counter
from collections.abc import Mapping

from django import template
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from governance.guardrails.pii.entities import PLACEHOLDER, counted, name_of

TAG_OR_PLACEHOLDER = re.compile(r"""<(?:[^<>"']|"[^"]*"|'[^']*')*>|""" + PLACEHOLDER.pattern)
NOTHING: Mapping[str, str] = {}

register = template.Library()


@register.filter
def shown(text: str, values: Mapping[str, str] | None = None) -> SafeString:
    """
    HTML with each placeholder as its value, where it is known, or as a chip that says what is hidden.

    Plain text is escaped first, as a template would; inside of tags nothing is touched.
    """

    def of(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        value = (values or NOTHING).get(match[0])
        return chip(match[1]) if value is None else escape(value)

    html = conditional_escape(text)
    return SafeString(TAG_OR_PLACEHOLDER.sub(of, html)) if "[" in html else SafeString(html)


def chip(entity: str) -> SafeString:
    return format_html('<span class="hidden-value">{}</span>', in_words(entity))


@register.filter
def readable(text: str) -> str:
    """Plain text with each placeholder in words; for titles, mails and files."""
    return PLACEHOLDER.sub(lambda match: f"‹{in_words(match[1])}›", str(text))


def in_words(entity: str) -> str:
    return _("%(what)s, hidden") % {"what": name_of(entity)}


@register.filter
def hidden_in(text: str) -> str:
    """What of a question no model sees, such as “2 × e-mail address, 1 phone number”; empty for nothing."""
    kinds = Counter(kind for kind, _digits in set(PLACEHOLDER.findall(text)))
    return ", ".join(counted(kind, count) for kind, count in kinds.items())
