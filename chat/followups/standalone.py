"""A question that leans on another, made to stand alone by rules: for when no language model is at hand."""

import re

from chat.followups.language import language_of
from chat.followups.leaning import is_complaint, is_fragment, own_words
from chat.followups.signs import Language
from governance.gateway.reader.words import words

MOST_TOPIC_RUNS = 5
"""More would drown what the question itself asks."""
SPLIT = re.compile(r"\w+(?:[-'’&]\w+)*|[^\w\s]")


def made_to_stand_alone(question: str, before: str) -> str:
    """
    The question with what it leaves out; `before` is the one it leans on, which stands alone.

    A fragment takes the place of its like: "And from Midway?" after "Which stop is closest when I come from O'Hare?".
    Behind a sentence stands in brackets what it is about. A complaint asks the same again.
    """
    question, before = " ".join(question.split()), " ".join(before.split())
    if is_complaint(question):
        return before
    language = language_of(question)
    fragment = fragment_of(question, language)
    if fragment:
        return with_fragment(fragment, before, language)
    topic = topic_of(before, besides=question)
    return f"{question} ({topic})" if topic else f"{question} ({before})"


def fragment_of(question: str, language: Language) -> str:
    """What is new of a question without a verb of its own; empty for a sentence."""
    text = question.replace("’", "'")
    begin = language.goes_on.match(text)
    rest = text[begin.end() :] if begin else text
    about = language.about.match(rest)
    rest = rest[about.end() :] if about else rest
    if not is_fragment(rest, language, goes_on=bool(begin or about)):
        return ""
    return rest.strip(" ?.!,")


def with_fragment(fragment: str, before: str, language: Language) -> str:
    """In the place of what begins with the same preposition, or at the end."""
    said = before.rstrip(" ?.!")
    preposition = language.preposition.match(fragment)
    if preposition:
        places = [*re.finditer(rf"\b{re.escape(preposition[0])}\b[^,;.?!]*", said, re.IGNORECASE)]
        if places:
            return f"{said[: places[-1].start()]}{fragment}{said[places[-1].end() :]}?"
    return f"{said}, {fragment}?" if fragment else before


def topic_of(before: str, *, besides: str) -> str:
    """What the question before names: its runs of telling words, without what the new one says itself."""
    language = language_of(before)
    named = {*own_words(before, language)} - {*own_words(besides, language_of(besides))}
    runs: list[list[str]] = [[]]
    for word in SPLIT.findall(before):
        if word.lower() in language.little or not word[0].isalnum():
            runs.append([])
        else:
            runs[-1].append(word)
    telling = [run for run in map(" ".join, runs) if not named.isdisjoint(words(run))]
    return ", ".join(dict.fromkeys(telling[:MOST_TOPIC_RUNS]))
