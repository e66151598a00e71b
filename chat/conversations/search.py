"""Search in one's own conversations, also while the last word is still being typed."""

import re
from dataclasses import dataclass

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchQueryCombinable, SearchRank, SearchVector
from django.db import connection
from django.db.models import Case, F, IntegerField, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat

from askacme.lib.errors import GuardUnavailable
from chat.conversations.models import Conversation, Message
from governance.access.audience import Audience
from governance.access.models import User
from governance.guardrails.pii import mask
from governance.guardrails.pii.shown import readable
from governance.guardrails.policy import policy_for

FOUND_AT_MOST = 20
MIN_CHARS = 2
MAX_CHARS = 200
NONE = 1e-9
"""PostgreSQL's rank of what has no weight is not quite zero."""
OPENS, CLOSES = "\x02", "\x03"
"""What no one types: they stand around the words to be marked until the text is cut there."""
MARKUP = re.compile(r"\[\d{1,3}\]|[*_`#|~>]+")


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation, by its title, its best turn, or both. The turn is the newest of those that fit equally well."""

    conversation: Conversation
    title: tuple[Piece, ...]
    message: Message | None = None
    snippet: tuple[Piece, ...] = ()

    @property
    def url(self) -> str:
        url = self.conversation.get_absolute_url()
        return f"{url}?turn={self.message.pk}#turn-{self.message.pk}" if self.message else url


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: `query` finds, `marks` tells in plain words (no stems) what of it to mark."""

    query: SearchQueryCombinable
    marks: SearchQuery


def search(user: User, text: str) -> list[Found]:
    """
    Titles before questions before answers, in each the newest first; each conversation once.

    Every word must be in it: whole words in any form, the last one also as the beginning of a word.
    """
    wanted = wanted_by(text)
    if wanted is None:
        return []
    titled = {row.pk: row for row in titled_like(user, wanted)}
    turns = {turn.conversation_id: turn for turn in turns_like(user, wanted)}
    conversations = titled | {pk: turn.conversation for pk, turn in turns.items() if pk not in titled}
    found = [found_in(row, turns.get(row.pk), getattr(row, "marked", row.title)) for row in conversations.values()]
    return found[:FOUND_AT_MOST]


def is_for_hidden(user: User, text: str) -> bool:
    """Whether personal data is looked for: it is kept nowhere, and its placeholder is another in each conversation."""
    try:
        return bool(mask(text[:MAX_CHARS], scope="", policy=policy_for(frozenset(Audience.of(user).group_ids))).values)
    except GuardUnavailable:
        return False


def wanted_by(text: str) -> Wanted | None:
    """None for what can't be looked for: too short, or only punctuation."""
    line = " ".join(text.replace("\0", " ").split())[:MAX_CHARS]
    words = line.split()
    if len(line) < MIN_CHARS:
        return None
    whole, last = " ".join(words[:-1]), quoted(words[-1])
    query: SearchQueryCombinable = raw(f"{last}:*", "english") | raw(f"{last}:*", "simple")
    if whole:
        query = SearchQuery(whole, config="english") & query
    marks = " | ".join(f"{word}:*" for word in dict.fromkeys([*map(quoted, stems_of(whole)), last]))
    return Wanted(query, raw(marks, "simple"))


def titled_like(user: User, wanted: Wanted) -> QuerySet[Conversation]:
    title = SearchVector("title", config="english") + SearchVector("title", config="simple")
    listed = Conversation.objects.visible_to(user).listed().alias(words=title).filter(words=wanted.query)
    marked = headline("title", wanted, is_whole=True)
    return listed.defer("summary").annotate(marked=marked).order_by("-updated_at")[:FOUND_AT_MOST]


def turns_like(user: User, wanted: Wanted) -> QuerySet[Message]:
    """The best turn of each conversation that has one."""
    in_question = SearchRank(F("words"), wanted.query, weights=[0, 0, 0, 1])
    fitting = (
        Message.objects.visible_to(user)
        .filter(conversation__is_temporary=False, words=wanted.query)
        .alias(rank=in_question)
        .annotate(place=Case(When(rank__gt=NONE, then=1), default=0, output_field=IntegerField()))
    )
    said = Concat("question", Value(" — "), "answer", output_field=TextField())
    best = fitting.order_by("conversation_id", "-place", "-created_at").distinct("conversation_id").values("pk")
    return (
        fitting.filter(pk__in=best)
        .select_related("conversation")
        .annotate(marked=headline(said, wanted))
        .only("conversation__title", "conversation__updated_at")
        .order_by("-place", "-created_at")[:FOUND_AT_MOST]
    )


def headline(text: str | Combinable, wanted: Wanted, *, is_whole: bool = False) -> SearchHeadline:
    """The text with what was looked for marked: all of it, or the part of it that has the most."""
    return SearchHeadline(
        text,
        wanted.marks,
        config="simple",
        start_sel=OPENS,
        stop_sel=CLOSES,
        highlight_all=is_whole,
        max_words=24,
        min_words=12,
    )


def found_in(conversation: Conversation, turn: Message | None, title: str) -> Found:
    snippet = pieces(MARKUP.sub("", readable(getattr(turn, "marked", ""))))
    return Found(conversation, pieces(readable(title)) or (Piece(str(conversation)),), turn, snippet)


def pieces(marked: str) -> tuple[Piece, ...]:
    parts = re.split(f"({OPENS}[^{CLOSES}]*{CLOSES})", marked)
    return tuple(Piece(part.strip(OPENS + CLOSES), part.startswith(OPENS)) for part in parts if part)


def stems_of(words: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(to_tsvector('english', %s))", [words])
        return list(cursor.fetchone()[0])


def raw(query: str, config: str) -> SearchQuery:
    return SearchQuery(query, config=config, search_type="raw")


def quoted(word: str) -> str:
    """One word of a `tsquery`, whatever it is made of."""
    doubled = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
