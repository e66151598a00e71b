"""The hard facts of a sentence: what must stand in the passage whatever words are chosen."""

from chat.proof import amounts, dates
from chat.proof.evidence import CELLS, Evidence
from chat.proof.names import is_named, names_in
from chat.proof.negation import is_flipped, polarity
from chat.proof.reasons import NO_DATE, NO_NAME, NO_NUMBER, NO_TIME, OPPOSITE
from chat.proof.wording import plain, stem

LEAST_WORDS = 3
"""Words that a literal quote has at least: shorter ones stand in every passage."""
ENDS = ".!?:;,… "
OPENS = ".!?:;,|>-–—(\"'"


def is_quoted(sentence: str, evidence: Evidence) -> bool:
    """
    Whether the plain sentence stands in the passage word for word, as a sentence or a clause of its own.

    A row of a table is quoted when its cells, named or not, stand in one row.
    """
    words = sentence.strip(ENDS)
    if len(words.split()) >= LEAST_WORDS and _stands_alone(words, evidence.text, cut=sentence.endswith("…")):
        return True
    return "|" in sentence and _is_row(sentence, evidence)


def missing(sentence: str, question: str, evidence: Evidence) -> str:
    """The first fact of the plain sentence that the passage doesn't hold, in words; empty if it holds all."""
    said_days, said_clocks = dates.days(sentence), dates.clocks(sentence)
    for day in dates.days_lacking(said_days, evidence.days, evidence.folded):
        return NO_DATE % {"said": day.said}
    for clock in dates.clocks_lacking(said_clocks, evidence.clocks):
        return NO_TIME % {"said": clock.said}
    rest = dates.without(sentence, [*said_days, *said_clocks])
    for amount in amounts.lacking(amounts.amounts(rest), evidence.amounts, evidence.folded):
        return NO_NUMBER % {"said": amount.said}
    asked = question.lower()
    for name in names_in(rest):
        if (
            name.lower() not in asked
            and stem(name) not in asked
            and not is_named(name, evidence.folded, evidence.named)
        ):
            return NO_NAME % {"said": name}
    if is_flipped(polarity(sentence), evidence.polarities):
        return OPPOSITE
    return ""


def has_facts(sentence: str) -> bool:
    """Whether it holds a number, a date or a name."""
    return bool(amounts.amounts(sentence) or dates.days(sentence) or next(names_in(sentence), ""))


def _stands_alone(words: str, text: str, *, cut: bool) -> bool:
    place = text.lower().find(words.lower())
    if place < 0:
        return False
    before, after = text[:place].rstrip(), text[place + len(words) :].lstrip(" \"')")
    return (not before or before[-1] in OPENS) and (
        cut or not after or after[0] in ENDS + "|(-–—" or after[0].isupper()
    )


def _is_row(sentence: str, evidence: Evidence) -> bool:
    pairs = [cell.partition(": ") for cell in CELLS.split(sentence.strip("| ")) if cell]
    values = {plain(value or name).lower().rstrip(ENDS) for name, _, value in pairs}
    whole = {plain(cell).lower().rstrip(ENDS) for cell in CELLS.split(sentence.strip("| ")) if cell}
    return any(values <= row or whole <= row for row in ({cell.rstrip(ENDS) for cell in r} for r in evidence.rows))
