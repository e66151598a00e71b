"""Which language a question is in, as far as its smallest words tell."""

import re

from chat.followups.english import ENGLISH
from chat.followups.german import GERMAN
from chat.followups.signs import Language

WORD = re.compile(r"\w+")
UMLAUT = re.compile(r"[äöüß]", re.IGNORECASE)


def language_of(text: str) -> Language:
    """English, unless more tells of German."""
    said = WORD.findall(text.lower())
    german = sum(word in GERMAN.little for word in said) + bool(UMLAUT.search(text))
    return GERMAN if german > sum(word in ENGLISH.little for word in said) else ENGLISH
