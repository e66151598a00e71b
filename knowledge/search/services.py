"""What people do with synonyms. Each act is one transaction and leaves an audit row."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.db import connection, transaction
from django.utils import timezone

from askacme.lib.errors import Conflict, InvalidInput
from governance.access.models import User
from governance.audit.services import record
from knowledge.search.models import Synonym
from knowledge.search.terms import WORD

FEWEST, MOST = 2, 12
LONGEST = 100
LOCK = 0x53796E6F
"""Groups change one after another: else two could take up the same phrase at once."""

BETWEEN = re.compile(r"[\n\r,;=]")
STEMS_OF = """
SELECT phrase FROM unnest(%(phrases)s::text[]) AS phrase
WHERE EXISTS (
    SELECT FROM knowledge_searchindex AS index, unnest(index.languages || 'english'::varchar) AS language
    WHERE index.state = 'live' AND numnode(plainto_tsquery(language::regconfig, phrase)) > 0
) OR numnode(plainto_tsquery('english', phrase)) > 0
"""


def add_synonyms(*, phrases: Iterable[str], actor: User | None) -> Synonym:
    """Raises InvalidInput for phrases that search could do nothing with, and Conflict for one that is taken."""
    kept = checked(phrases)
    with transaction.atomic():
        refuse_taken(kept)
        synonym = Synonym.objects.create(phrases=kept, edited_by=actor)
        record(actor=actor, action="synonym.create", target=str(synonym), after={"phrases": kept})
    return synonym


def change_synonyms(*, synonym: Synonym, phrases: Iterable[str], actor: User | None) -> None:
    """Raises what `add_synonyms` raises."""
    kept = checked(phrases)
    with transaction.atomic():
        refuse_taken(kept, but=synonym)
        before = Synonym.objects.select_for_update().get(pk=synonym.pk)
        if before.phrases == kept:
            return
        words = before.phrases
        before.phrases, before.edited_by, before.edited_at = kept, actor, timezone.now()
        before.save(update_fields=["phrases", "edited_by", "edited_at"])
        was, becomes = {"phrases": words}, {"phrases": kept}
        record(actor=actor, action="synonym.change", target=str(before), before=was, after=becomes)
    synonym.phrases = kept


def delete_synonyms(*, synonym: Synonym, actor: User | None) -> None:
    with transaction.atomic():
        record(actor=actor, action="synonym.delete", target=str(synonym), before={"phrases": list(synonym.phrases)})
        synonym.delete()


def phrases_in(text: str) -> list[str]:
    """The phrases that a person wrote, one per line or with commas between."""
    return [phrase for phrase in BETWEEN.split(text) if phrase.strip()]


def checked(phrases: Iterable[str]) -> list[str]:
    """
    The phrases as they are kept: words with single spaces, each phrase once, in the order given.

    Raises InvalidInput.
    """
    kept: dict[str, str] = {}
    for phrase in phrases:
        words = as_words(phrase)
        if not words:
            raise InvalidInput(f"“{phrase.strip()[:LONGEST]}” holds neither letters nor digits.")
        if len(words) > LONGEST:
            raise InvalidInput(f"“{words[:40]}…” is too long: a phrase has at most {LONGEST} characters.")
        kept.setdefault(words.lower(), words)
    if len(kept) < FEWEST:
        raise InvalidInput("Write at least two different words or phrases that mean the same.")
    if len(kept) > MOST:
        raise InvalidInput(f"At most {MOST} phrases mean the same in one group; these are {len(kept)}.")
    if everyday := everyday_among(list(kept.values())):
        raise InvalidInput(
            f"“{everyday[0]}” consists of everyday words, which nearly every question holds. Write a longer phrase, "
            "or an abbreviation in capitals."
        )
    return list(kept.values())


def as_words(phrase: str) -> str:
    """A phrase as search compares it: its words with single spaces, whatever stood between them."""
    return " ".join(WORD.findall(unicodedata.normalize("NFC", phrase)))


def everyday_among(phrases: Sequence[str]) -> list[str]:
    """Those without a word that search would look for. An abbreviation in capitals, such as IT, is none of them."""
    with connection.cursor() as cursor:
        cursor.execute(STEMS_OF, {"phrases": list(phrases)})
        telling = {row[0] for row in cursor.fetchall()}
    return [phrase for phrase in phrases if phrase not in telling and not phrase.isupper()]


def refuse_taken(phrases: Iterable[str], *, but: Synonym | None = None) -> None:
    """
    Raises Conflict for a phrase that stands in another group. Until the transaction ends, no other group changes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    others = Synonym.objects.exclude(pk=but.pk) if but else Synonym.objects.all()
    group_of = {phrase.lower(): other for other in others for phrase in other.phrases}
    for phrase in phrases:
        if other := group_of.get(phrase.lower()):
            raise Conflict(f"“{phrase}” stands in another group already: {other}. Change that group instead.")
