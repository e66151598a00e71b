"""Answers as Markdown, with their sources: one to paste elsewhere, or a whole conversation to keep."""

import re
from collections.abc import Callable, Iterable, Mapping

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.conversations.models import Citation, Conversation, Message
from chat.conversations.render import CITE
from chat.conversations.turns import PROVEN, Turn
from chat.proof.marks import in_words_of_text
from governance.guardrails.pii.shown import readable

Absolute = Callable[[str], str]
"""Makes an address whole, with the server's name."""
UNSAFE_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
MAX_NAME_CHARS = 80
HOW_IT_ENDED: Mapping[str, Promise] = {
    Message.Status.NO_ANSWER: gettext_lazy("AskAcme did not know: no document answered this."),
    Message.Status.FILTERED: gettext_lazy("AskAcme did not answer this question."),
    Message.Status.OUTPUT_FILTERED: gettext_lazy("AskAcme held this answer back."),
    Message.Status.FALLBACK: gettext_lazy("Quoted from the documents: no model could be reached."),
    Message.Status.ERROR: gettext_lazy("This answer could not be completed."),
}


def answer_as_markdown(turn: Turn, absolute: Absolute) -> str:
    """One answer; its `[n]` as they stand on the page, below it the sources and how it was made."""
    labels = {citation.n: f"[{citation.n}]" for citation in turn.sources}
    sources = [f"{labels[citation.n]} {described(citation, absolute)}" for citation in turn.sources]
    parts = [*answered(turn, labels), "\n".join(sources), f"*{mark_of(turn)}*" if turn.is_generated else ""]
    return readable("\n\n".join(filter(None, parts))).strip() + "\n"


def mark_of(turn: Turn) -> str:
    """What goes with an answer wherever it is pasted: that a program made it."""
    made = _("Automatic answer") if turn.is_quoted else _("Generated answer")
    return f"AskAcme, {made}. {_('May be wrong: check the sources before you rely on it.')}"


def conversation_as_markdown(conversation: Conversation, turns: Iterable[Turn], absolute: Absolute) -> str:
    """The turns in their order, the sources as footnotes that are counted through."""
    begun = dated(_("A conversation with AskAcme, begun"), conversation)
    generated = _("The answers are generated and may be wrong: check the sources.")
    parts = [f"# {conversation}", begun, f"*{generated}*"]
    notes: list[str] = []
    for turn in turns:
        first = len(notes) + 1
        labels = {citation.n: f"[^{place}]" for place, citation in enumerate(turn.sources, first)}
        notes += [f"{labels[citation.n]}: {described(citation, absolute)}" for citation in turn.sources]
        parts += ["---", dated(_("Asked"), turn.message), quoted(turn.message.question), *answered(turn, labels)]
    return readable("\n\n".join([*parts, "\n".join(notes)])).strip() + "\n"


def answered(turn: Turn, labels: Mapping[int, str]) -> list[str]:
    """The answer, and how it came about. Marks of sources that are not there any more are left out."""
    ended = str(HOW_IT_ENDED.get(turn.status, ""))
    stopped = _("Stopped before its end.") if turn.message.stopped else ""
    looked_up = [_("Looked up: %(what)s") % {"what": f"{use.title} ({use.system})"} for use in turn.look_ups]
    proof = turn.proof if turn.status in PROVEN else []
    text = CITE.sub(lambda mark: labels.get(int(mark[1]), ""), in_words_of_text(turn.message.answer, proof))
    return [part for part in (text, *(f"*{note}*" for note in (ended, stopped, *looked_up) if note)) if part]


def described(citation: Citation, absolute: Absolute) -> str:
    version = citation.version
    page = ", " + _("page %(number)s") % {"number": citation.page} if citation.page else ""
    number = _("version %(number)s") % {"number": version.number}
    url = f"{reverse('document', args=[version.pk])}?start={citation.start}&end={citation.end}#passage"
    return f"{version.document.title}, {number}{page}: <{absolute(url)}>"


def quoted(question: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in question.splitlines())


def dated(words: str, row: Conversation | Message) -> str:
    return f"*{words} {date_format(localtime(row.created_at), 'j F Y, H:i')}*"


def filename_of(conversation: Conversation) -> str:
    """The title, without what file systems can't bear."""
    name = UNSAFE_IN_NAMES.sub(" ", str(conversation))
    return f"{' '.join(name.split())[:MAX_NAME_CHARS].strip(' .') or 'conversation'}.md"
