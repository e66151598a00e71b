"""
The mark behind each sentence of an answer on the page: proved, no proof, or still empty.

A sentence's place is written into the Markdown as a sign that no text has, and becomes an element when it is rendered:
so a mark stands inside the paragraph, list item or cell that its sentence ends in.
"""

import re
import secrets
from collections.abc import Iterable, Mapping
from html import escape
from uuid import UUID

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from askacme.lib.sentences import spans
from chat.proof.reasons import in_words
from chat.proof.values import Sentence, State

CLASSES = {"proof", "is-proved", "is-unproved", "visually-hidden"}
ATTRIBUTES = {"id", "title"}

_BEFORE, _BEHIND = f"\u205f\ue000{secrets.token_hex(6)}:", "\ue001"
"""
White space to Markdown comes first: what closes behind a full stop still closes before the sign. Then what nobody can
guess: private characters can also be written as entities, which Markdown decodes later.
"""
_SIGN = re.compile(f"{_BEFORE}(\\d{{1,6}}){_BEHIND}")
_ID = re.compile(r'id="proof-[0-9a-f-]{36}-(\d+)"')
_NO_SIGNS = str.maketrans({0xE000: 0xFFFD, 0xE001: 0xFFFD})
_BLOCK_SIGNS = re.compile(r"[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]*)*")
_NO_PLACE = ("#", "```", "~~~")
_ROW_END = re.compile(r"(?<!\\)[ \t]*\|\Z")

Proofs = Mapping[int, Sentence]
"""What is known of an answer's sentences, by their index."""


def with_places(text: str, first: int = 0) -> str:
    """
    The Markdown with a sign at each sentence's end, counted from `first`.

    It has as many lines as before, and what a line becomes depends on nothing but itself: so the parts of a text become
    what the whole becomes.
    """
    text = text.translate(_NO_SIGNS)
    parts, begin = [], 0
    for index, (start, end) in enumerate(spans(text), first):
        place = _place(text, start, end)
        if place is not None:
            parts += [text[begin:place], f"{_BEFORE}{index}{_BEHIND}"]
            begin = place
    return "".join([*parts, text[begin:]])


def _place(text: str, start: int, end: int) -> int | None:
    """Where the sentence's mark goes; None where a sign would change what the line is."""
    sentence = text[start:end]
    line = max(text.rfind(newline, 0, start) for newline in "\n\r") + 1
    opens = _BLOCK_SIGNS.match(text, line)
    if not any(char.isalpha() for char in sentence) or sentence.endswith("\\"):
        return None
    if text.startswith(_NO_PLACE, opens.end() if opens else line):
        return None
    row = _ROW_END.search(sentence)
    return start + row.start() if row else end


def in_words_of_text(text: str, sentences: Iterable[Sentence]) -> str:
    """The Markdown with a word behind each sentence that has no proof: for wherever no page shows its mark."""
    parts, begin = [], 0
    for sentence in sentences:
        place = _place(text, sentence.start, sentence.end) if sentence.state is State.UNPROVED else None
        if place is not None:
            parts += [text[begin:place], " ", _("(no proof found)")]
            begin = place
    return "".join([*parts, text[begin:]])


def show_marks(state: StateCore) -> None:
    """Markdown rule: the signs of a text become tokens; anywhere else (code, an address) they vanish."""
    for token in state.tokens:
        token.content = _SIGN.sub("", token.content) if token.type != "inline" else token.content
        token.info = _SIGN.sub("", token.info)
        token.children = [part for child in token.children or () for part in _split(child)] or token.children


def _split(token: Token) -> list[Token]:
    if token.type != "text":
        token.content = _SIGN.sub("", token.content)
        token.attrs = {name: _SIGN.sub("", str(value)) for name, value in token.attrs.items()}
        return [token]
    pieces = _SIGN.split(token.content)
    return [
        Token("proof", "", 0, meta={"index": int(piece)}) if place % 2 else token.copy(content=piece)
        for place, piece in enumerate(pieces)
        if piece
    ]


def mark_id(request_id: UUID, index: int) -> str:
    return f"proof-{request_id}-{index}"


def marks_in(html: str) -> set[int]:
    """Whose marks it holds: not every sentence's end is a place for one."""
    return {int(index) for index in _ID.findall(html)}


def mark_html(request_id: UUID, index: int, sentence: Sentence | None, *, attributes: str = "") -> SafeString:
    """The element of one sentence; empty while nothing is known of it, or when there is nothing to prove."""
    state, title, words = "", "", ""
    if sentence and sentence.state is State.PROVED:
        state, words = " is-proved", f'<span class="visually-hidden">({escape(_("proved"))})</span>'
        title = _("Proved by source %(numbers)s") % {"numbers": ", ".join(map(str, sentence.cites))}
    elif sentence and sentence.state is State.UNPROVED:
        state, title = " is-unproved", in_words(sentence.reason)
        words = f'{escape(_("no proof"))}<span class="visually-hidden">: {escape(title)}</span>'
    told = f' title="{escape(title)}"' if title else ""
    html = f'<span class="proof{state}" id="{mark_id(request_id, index)}"{told}{attributes}>{words}</span>'
    return mark_safe(html)  # noqa: S308  (all parts are ours or escaped)
