"""
The words of a query: stems, how rare they are, what they may be a typing error of, and what else means the same.

Rarity is BM25's inverse document frequency (Robertson & Zaragoza 2009) over the chunks of the index.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from governance.gateway.embedding.word_spans import word_spans
from governance.gateway.reader.words import STOP, nearest
from knowledge.index.models import SearchIndex

MAX_TERMS = 32
SHORTEST_MENDED = 4
LOOK_ALIKES = 50
WORD = re.compile(r"\w+")

# Each language has a stem of its own for a word, at the same place. One that no document holds is left out where
# another language's is known, and so is what is a stop word in one of them.
STEMS = """
SELECT DISTINCT lexeme, chunks FROM (
    SELECT lexeme, coalesce(word.chunks, 0) AS chunks, max(coalesce(word.chunks, 0)) OVER same AS most,
        count(*) OVER same AS languages
    FROM unnest(%(languages)s::regconfig[]) AS language
    CROSS JOIN LATERAL unnest(to_tsvector(language, %(query)s)) AS found (lexeme, places)
    CROSS JOIN LATERAL unnest(places) AS place
    LEFT JOIN knowledge_word AS word ON word.stem = lexeme
    WINDOW same AS (PARTITION BY place)
) AS stem
WHERE (chunks > 0 OR most = 0) AND languages >= cardinality(%(languages)s::text[])
"""
LEXEMES = """
SELECT place, lexeme FROM unnest(%(words)s::text[]) WITH ORDINALITY AS asked (word, place)
CROSS JOIN unnest(%(languages)s::regconfig[]) AS language
CROSS JOIN LATERAL unnest(to_tsvector(language, asked.word))
"""
SYNONYMS = """
SELECT synonym.id, synonym.phrases FROM knowledge_synonym AS synonym
WHERE EXISTS (
    SELECT FROM unnest(synonym.phrases) AS phrase WHERE strpos(%(lower)s, ' ' || lower(phrase) || ' ') > 0
)
"""
ASKED = f"""
SELECT
    (SELECT json_object_agg(lexeme, chunks) FROM ({STEMS}) AS stem),
    (SELECT json_agg(json_build_array(place, lexeme)) FROM ({LEXEMES}) AS found),
    (SELECT json_agg(phrases ORDER BY id) FROM ({SYNONYMS}) AS synonym)
"""  # noqa: S608 - put together from constants
PHRASE = """
SELECT phrase, phraseto_tsquery(language, phrase)::text, min(coalesce(word.chunks, 0)),
    array_agg(lexeme) FILTER (WHERE lexeme IS NOT NULL)
FROM unnest(%(phrases)s::text[]) AS phrase
CROSS JOIN unnest(%(languages)s::regconfig[]) AS language
LEFT JOIN LATERAL unnest(to_tsvector(language, phrase)) ON true
LEFT JOIN knowledge_word AS word ON word.stem = lexeme
GROUP BY phrase, language
"""
LOOK_ALIKE = """
SELECT word.stem, word.chunks FROM knowledge_word AS word
WHERE word.trigrams && %(trigrams)s::varchar[] AND abs(length(word.stem) - %(length)s) <= 2
ORDER BY cardinality(ARRAY(SELECT unnest(word.trigrams) INTERSECT SELECT unnest(%(trigrams)s::varchar[]))) DESC,
    word.chunks DESC
LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Term:
    """
    One thing to look for. `query` is a tsquery that any of its spellings meets, `word` the stem that was asked for.

    `chunks` is in about how many chunks of the index it stands, over all audiences; `rarity` is its weight.
    """

    word: str
    query: str
    chunks: int
    rarity: float


@dataclass(frozen=True, slots=True)
class Terms:
    """
    A query as search sees it.

    `text` is what is embedded: the query, and in brackets behind it what a phrase in it also goes by. `mended` maps a
    word that stands in no chunk to the stem it is taken for; `synonyms` maps phrases of the query to the others.
    `words` are the places of the words in `text` that have a vector, `rarities` how rare each is, `stems` their terms.
    """

    text: str
    terms: tuple[Term, ...]
    mended: Mapping[str, str]
    synonyms: Mapping[str, tuple[str, ...]]
    words: tuple[tuple[int, int], ...] = ()
    rarities: tuple[float, ...] = ()
    stems: tuple[str, ...] = ()


def terms_of(query: str, index: SearchIndex) -> Terms:
    """What to look for in this index. `query` is one line of text, not empty."""
    languages = index.languages or ["english"]
    asked = asked_in(query, languages)
    stems = dict(asked.stems)
    terms: dict[str, Term] = {}
    for phrase, others in asked.synonyms.items():
        alternatives = phrases(phrase, others, languages)
        for stem in alternatives.stems:
            stems.pop(stem, None)
        terms[phrase] = term(phrase, alternatives.query, alternatives.chunks, index)
    mended: dict[str, str] = {}
    for stem, chunks in stems.items():
        meant = stem, chunks
        if not chunks and (found := look_alike(stem)):
            meant = found
            mended[stem] = found[0]
        terms[stem] = term(stem, quoted(meant[0]), meant[1], index)
    rarest_first = sorted(terms.values(), key=lambda found: (found.chunks, found.word))
    text = with_synonyms(query, asked.synonyms)
    words = word_spans(text)
    lexemes = asked.lexemes if text == query else lexemes_of([text[begin:end] for begin, end in words], languages)
    of_words = {place: lexeme for place, lexeme in lexemes if lexeme in terms}  # none for a synonym's words
    stems_of = tuple(of_words.get(place, "") for place in range(1, len(words) + 1))
    known = sorted(term.rarity for term in terms.values()) or [1.0]
    middle = known[len(known) // 2]
    rarities = tuple(terms[stem].rarity if stem in terms else middle for stem in stems_of)
    return Terms(text, tuple(rarest_first[:MAX_TERMS]), mended, asked.synonyms, tuple(words), rarities, stems_of)


Lexemes = Sequence[tuple[int, str]]
"""Each with the place of its word, counted from 1."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the database knows of a query: in how many chunks its stems stand, its words' lexemes, its synonyms."""

    stems: Mapping[str, int]
    lexemes: Lexemes
    synonyms: Mapping[str, tuple[str, ...]]


def asked_in(query: str, languages: Sequence[str]) -> Asked:
    """All of it in one statement: for a question of a few words, the way to the database is most of the time."""
    parameters: dict[str, Any] = {
        "languages": list(languages),
        "query": query,
        "words": [query[begin:end] for begin, end in word_spans(query)],
        "lower": f" {' '.join(WORD.findall(query.lower()))} ",
    }
    with connection.cursor() as cursor:
        cursor.execute(ASKED, parameters)
        stems, lexemes, groups = cursor.fetchone()
    return Asked(stems or {}, lexemes or (), synonyms_in(query, groups or ()))


def lexemes_of(words: Sequence[str], languages: Sequence[str]) -> Lexemes:
    with connection.cursor() as cursor:
        cursor.execute(LEXEMES, {"words": list(words), "languages": list(languages)})
        found: Lexemes = cursor.fetchall()
    return found


def term(word: str, query: str, chunks: int, index: SearchIndex) -> Term:
    rarity = math.log(1 + (max(index.chunk_count - chunks, 0) + 0.5) / (chunks + 0.5))
    return Term(word, query, chunks, rarity)


def quoted(stem: str) -> str:
    """The stem as a tsquery: PostgreSQL doubles quotes and backslashes inside."""
    inside = stem.replace("\\", "\\\\").replace("'", "''")
    return f"'{inside}'"


def look_alike(stem: str) -> tuple[str, int] | None:
    """
    The stem of the index that a typing error away, and in how many chunks it stands.

    None for short words and numbers, where guesses go wrong.
    """
    if len(stem) < SHORTEST_MENDED or not stem.isalpha():
        return None
    padded = f"  {stem} "
    trigrams = sorted({padded[place : place + 3] for place in range(len(stem) + 1)})
    with connection.cursor() as cursor:
        cursor.execute(LOOK_ALIKE, {"trigrams": trigrams, "length": len(stem), "limit": LOOK_ALIKES})
        chunks: dict[str, int] = dict(cursor.fetchall())
    found = nearest(stem, list(chunks))
    return (found, chunks[found]) if found else None


def synonyms_in(query: str, groups: Iterable[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The phrases of the query that have others of the same meaning, each with those."""
    found: dict[str, tuple[str, ...]] = {}
    for group in groups:
        here = [phrase for phrase in group if spelled(phrase).search(query)]
        others = tuple(phrase for phrase in group if phrase not in here)
        if here and others:
            found[max(here, key=len)] = others
    return found


@dataclass(frozen=True, slots=True)
class Phrases:
    """A phrase with its synonyms as one tsquery; `stems` are the phrase's own."""

    query: str
    chunks: int
    stems: frozenset[str]


def phrases(phrase: str, others: Iterable[str], languages: Sequence[str]) -> Phrases:
    with connection.cursor() as cursor:
        cursor.execute(PHRASE, {"phrases": [phrase, *others], "languages": list(languages)})
        rows = [row for row in cursor.fetchall() if row[1]]
    stems = frozenset(stem for name, _, _, lexemes in rows if name == phrase for stem in lexemes or ())
    query = " | ".join(sorted({f"( {tsquery} )" for _, tsquery, _, _ in rows}))
    return Phrases(query, sum({name: chunks for name, _, chunks, _ in rows}.values()), stems)


def spelled(phrase: str) -> re.Pattern[str]:
    """How the phrase may be written in a query: `e mail` also as e-mail, but `IT` not as it."""
    is_everyday_word = phrase.isupper() and phrase.lower() in STOP
    words = r"\W+".join(map(re.escape, phrase.split()))
    return re.compile(rf"(?<!\w)({words})(?!\w)", 0 if is_everyday_word else re.IGNORECASE)


def with_synonyms(query: str, synonyms: Mapping[str, Sequence[str]]) -> str:
    """How much PTO do I get? -> How much PTO (paid time off) do I get?"""
    for phrase, others in synonyms.items():
        added = f" ({', '.join(others)})"
        query = spelled(phrase).sub(lambda found, added=added: found[1] + added, query, count=1)  # type: ignore[misc]
    return query
