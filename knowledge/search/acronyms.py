"""
Abbreviations that the documents explain themselves, such as "paid time off (PTO)": proposals for synonyms.

They are read from what the person at the console may see, never from other documents.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from askacme.lib.errors import InvalidInput
from governance.access.audience import Audience
from knowledge.audience.grants import with_audience
from knowledge.documents.models import Document
from knowledge.index.indexes import live_index
from knowledge.search.models import Synonym
from knowledge.search.services import checked

MOST_SHOWN = 8
MOST_DOCUMENTS = 2_000
MOST_CHUNKS = 20_000
"""So many passages, of the documents changed last, are looked through."""

IN_BRACKETS = re.compile(r"\(([A-Z][A-Za-z]{1,7})\)")
BEFORE_BRACKETS = re.compile(r"\b([A-Z][A-Za-z]{1,7}) \(([^()\n]{5,80})\)")
PHRASE = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
REACH = 100
"""Characters before the brackets in which the long form stands."""

SMALL = frozenset({"a", "an", "and", "at", "by", "for", "in", "of", "on", "or", "the", "to", "with"})
"""Words that an abbreviation may pass over."""

TEXTS = """
SELECT seen.version_id, seen.passage FROM (
    SELECT chunk.version_id, coalesce(nullif(chunk.corrected, ''), chunk.text) AS passage
    FROM knowledge_chunk AS chunk
    WHERE chunk.version_id = ANY(%(versions)s) AND chunk.index_id = %(index)s AND NOT chunk.disabled
    LIMIT %(most)s
) AS seen
WHERE seen.passage ~ '\\m[A-Z][A-Za-z]{1,7} ?\\(|\\([A-Z][A-Za-z]{1,7}\\)'
"""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An abbreviation and what it stands for, and a document that says so."""

    short: str
    long: str
    document: Document

    @property
    def phrases(self) -> tuple[str, str]:
        return self.short, self.long


def suggestions(audience: Audience) -> list[Suggestion]:
    """Abbreviations that documents of this audience explain and no group holds yet; those that everyone sees first."""
    found: dict[str, Suggestion] = {}
    for document, text in texts(audience):
        for short, long in acronyms_in(text):
            found.setdefault(short, Suggestion(short, long, document))
    taken = {phrase.lower() for group in Synonym.objects.all() for phrase in group.phrases}
    new = [one for one in found.values() if not taken & {phrase.lower() for phrase in one.phrases}]
    new.sort(key=lambda one: (not one.document.audience_holder.for_everyone, one.short))
    return [one for one in new[: 2 * MOST_SHOWN] if is_of_use(one)][:MOST_SHOWN]


def texts(audience: Audience) -> Iterator[tuple[Document, str]]:
    visible = Document.objects.visible_to(audience).filter(current__isnull=False).order_by("-updated_at")
    current = dict(visible.values_list("current_id", "pk")[:MOST_DOCUMENTS])
    with connection.cursor() as cursor:
        cursor.execute(TEXTS, {"versions": list(current), "index": live_index().pk, "most": MOST_CHUNKS})
        rows: list[tuple[int, str]] = cursor.fetchall()
    documents = with_audience().in_bulk({current[version_id] for version_id, _ in rows})
    for version_id, text in rows:
        if document := documents.get(current[version_id]):
            yield document, text


def acronyms_in(text: str) -> Iterator[tuple[str, str]]:
    """Short and long forms: `paid time off (PTO)`, and `PTO (paid time off)`."""
    for found in IN_BRACKETS.finditer(text):
        before = text[max(0, found.start() - REACH) : found.start()]
        if long := long_form(found[1], PHRASE.findall(re.split(r"[.!?;:()\n]", before)[-1])):
            yield found[1], long
    for found in BEFORE_BRACKETS.finditer(text):
        words = PHRASE.findall(found[2])
        if long_form(found[1], words) == " ".join(words):
            yield found[1], " ".join(words)


def long_form(short: str, words: list[str]) -> str:
    """The last of the words whose initials are the capitals of `short`; empty if they are not."""
    place = len(words)
    for letter in reversed([letter for letter in short if letter.isupper()]):
        place -= 1
        while place >= 0 and words[place][0].lower() != letter.lower() and words[place].lower() in SMALL:
            place -= 1
        if place < 0 or words[place][0].lower() != letter.lower():
            return ""
    long = words[max(place, 0) :]
    return " ".join(long) if len(long) > 1 else ""


def is_of_use(suggestion: Suggestion) -> bool:
    try:
        checked(suggestion.phrases)
    except InvalidInput:
        return False
    return True
