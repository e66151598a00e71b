"""Stage: what may be asked at all."""

import unicodedata

from django.conf import settings
from django.utils.translation import gettext as _

from askacme.lib.errors import QuestionEmpty, QuestionTooLong

KEPT_CONTROLS = "\n\t"
JOINERS = "\u200c\u200d"
"""Zero-width (non-)joiners: parts of emoji and of several scripts."""


def screen(question: str) -> str:
    """
    The question without control and invisible characters, trimmed.

    Raises QuestionEmpty and QuestionTooLong.
    """
    limit = settings.ASKACME.max_question_chars
    if len(question) > limit:
        raise QuestionTooLong(
            f"Your question has {len(question):,} characters; at most {limit:,} fit. Please shorten it."
        )
    return cleaned(question)


def cleaned(question: str) -> str:
    """
    As `screen`, however long: a question that was taken in may have outgrown the limit by its placeholders.

    Raises QuestionEmpty.
    """
    kept = "".join(char for char in unicodedata.normalize("NFC", question) if is_visible(char)).strip()
    if not any(char.isalnum() for char in kept):
        raise QuestionEmpty(_("Please type a question."))
    return kept


def is_visible(char: str) -> bool:
    return char in KEPT_CONTROLS or char in JOINERS or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
