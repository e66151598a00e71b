"""Why a sentence is not proved: stored in English with the answer, shown in the reader's language."""

import re

from django.utils.translation import gettext, gettext_noop

NO_SOURCE = gettext_noop("it cites no source")
NOT_SAID = gettext_noop("the source does not say this")
OPPOSITE = gettext_noop("the source says the opposite")
UNCHECKED = gettext_noop("it could not be checked")
NO_DATE = gettext_noop("the date %(said)s is not in the source")
NO_TIME = gettext_noop("the time %(said)s is not in the source")
NO_NUMBER = gettext_noop("the number %(said)s is not in the source")
NO_NAME = gettext_noop("the name %(said)s is not in the source")
FROM_SYSTEM = gettext_noop("from the %(said)s")

_SAYINGS = (NO_DATE, NO_TIME, NO_NUMBER, NO_NAME, FROM_SYSTEM)
_FORMS = [(saying, re.compile(re.escape(saying).replace(re.escape("%(said)s"), "(.+)"))) for saying in _SAYINGS]


def in_words(reason: str) -> str:
    """A stored reason in the language that is active."""
    for saying, form in _FORMS:
        if match := form.fullmatch(reason):
            return gettext(saying) % {"said": match[1]}
    return gettext(reason) if reason else ""
