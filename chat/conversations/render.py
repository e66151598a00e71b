"""
Answers as HTML: Markdown in, a small safe subset of HTML out, block by block while it streams.

Everything that a model says is treated as hostile: raw HTML is escaped, and what the renderer makes passes an allow
list once more.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import nh3
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from askacme.lib.sentences import spans
from chat.conversations import blocks
from chat.proof import marks
from chat.proof.marks import Proofs, with_places

CITE = re.compile(r"\[(\d{1,3})\]")
NEWLINE = re.compile(r"\r\n?")
SCHEMES = ("http://", "https://", "mailto:")
PANEL = "#source-panel"
ENDED_BY_A_BLANK_LINE = {"paragraph_open", "heading_open", "table_open", "hr"}

TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s"),
    *("table", "thead", "tbody", "tr", "th", "td", "a", "span"),
    *blocks.TAGS,
}
ATTRIBUTES = {
    "a": {"href", "title", "target", "rel", "hx-get", "hx-target", "data-cite", "aria-label"},
    "ol": {"start"},
    "span": marks.ATTRIBUTES,
    **blocks.ATTRIBUTES,
}
CLASSES = {"a": {"cite"}, "span": {"cite"} | marks.CLASSES, **blocks.CLASSES}


@dataclass(frozen=True, slots=True)
class Cites:
    """
    Which `[n]` are citations, and of which answer; and which sentences they prove.

    `numbers` None is an answer that still streams: its marks are shown, and become links when it is settled. `proofs`
    None is a text whose sentences have no marks.
    """

    request_id: UUID
    numbers: frozenset[int] | None = None
    proofs: Proofs | None = None

    def html(self, n: int) -> str:
        if self.numbers is None:
            return f'<span class="cite">{n}</span>'
        url = reverse("source", args=[self.request_id, n])
        return (
            f'<a class="cite" href="{url}" hx-get="{url}" hx-target="{PANEL}" data-cite="{n}"'
            f' aria-label="Source {n}">{n}</a>'
        )


def render(text: str, cites: Cites, *, first_sentence: int = 0) -> SafeString:
    """A whole answer, or the part of it that begins with that sentence."""
    return _html(_parse(text, cites, first_sentence), cites)


class BlockStream:
    """
    Renders a text that comes in pieces, so that no piece costs more than the block it ends in.

    A block (paragraph, list, table …) is closed when a whole line has begun the next one, or sooner; nothing that
    follows can change it then. All that `feed` returned and `open_html` are together, at any time, what `render` makes
    of the text so far: link reference definitions, which act on earlier blocks, are not part of our Markdown.
    """

    def __init__(self, cites: Cites) -> None:
        self.closed_sentences = 0
        self._cites = cites
        self._open = ""

    def feed(self, piece: str) -> SafeString:
        """Take in a piece; returns the HTML of the blocks that it closed, often none."""
        self._open += piece
        if "\n" not in piece:
            return SafeString("")
        cut = self._open.rfind("\n") + 1
        lines, unfinished = NEWLINE.sub("\n", self._open[:cut]), self._open[cut:]
        tokens = _parse(lines, self._cites, self.closed_sentences)
        count, first_open_line = closed_part(tokens, lines.count("\n"))
        closed, still_open = lines.split("\n")[:first_open_line], lines.split("\n")[first_open_line:]
        self.closed_sentences += len(spans("\n".join(closed)))
        self._open = "\n".join(still_open) + unfinished
        return _html(tokens[:count], self._cites)

    def open_html(self) -> SafeString:
        """The HTML of the block that is still being written."""
        return render(self._open, self._cites, first_sentence=self.closed_sentences)


def closed_part(tokens: list[Token], lines: int) -> tuple[int, int]:
    """
    How many of the tokens belong to closed blocks, and on which line the open rest begins.

    `lines` are all whole. A block is closed by the next one, and some kinds by a blank line already.
    """
    begins = [place for place, token in enumerate(tokens) if token.level == 0 and token.map and token.nesting >= 0]
    if not begins:
        return 0, 0
    start, end = tokens[begins[-1]].map or [0, 0]
    if tokens[begins[-1]].type in ENDED_BY_A_BLANK_LINE and end < lines:
        return len(tokens), end
    return begins[-1], start


def _cite(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  (markdown-it's interface)
    """The inline rule for `[n]`. A link whose text holds one stays text, because links don't nest."""
    mark = CITE.match(state.src, state.pos, state.posMax)
    cites: Cites = state.env["cites"]
    if not mark or (cites.numbers is not None and int(mark[1]) not in cites.numbers):
        return False
    if not silent:
        state.push("cite", "", 0).meta = {"n": int(mark[1])}
    state.pos = mark.end()
    return True


def _lower_headings(state: StateCore) -> None:
    """An answer stands under the page's own headings: its first level is h3."""
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"


def _render_cite(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, env: EnvType
) -> str:
    cites: Cites = env["cites"]
    return cites.html(tokens[index].meta["n"])


def _render_proof(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, env: EnvType
) -> str:
    cites: Cites = env["cites"]
    sentence = tokens[index].meta["index"]
    return marks.mark_html(cites.request_id, sentence, (cites.proofs or {}).get(sentence))


def _render_link(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    tokens[index].attrs |= {"target": "_blank", "rel": "noopener noreferrer nofollow"}
    return renderer.renderToken(tokens, index, options, env)


def _leads_outside(url: str) -> bool:
    return url.strip().lower().startswith(SCHEMES)


def _build_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
    parser.disable(["reference", "image", "html_block", "html_inline"])
    parser.inline.ruler.before("link", "cite", _cite)
    parser.core.ruler.push("lower_headings", _lower_headings)
    parser.add_render_rule("cite", _render_cite)
    parser.core.ruler.push("show_marks", marks.show_marks)
    parser.add_render_rule("proof", _render_proof)
    parser.add_render_rule("link_open", _render_link)
    blocks.box_blocks(parser)
    parser.validateLink = _leads_outside  # type: ignore[method-assign]  # markdown-it's way to set it
    return parser


def _parse(text: str, cites: Cites, first_sentence: int) -> list[Token]:
    placed = text if cites.proofs is None else with_places(text, first_sentence)
    return _parser.parse(placed, _env(cites))


def _env(cites: Cites) -> dict[str, Cites]:
    return {"cites": cites}


def _html(tokens: list[Token], cites: Cites) -> SafeString:
    """Whole top-level blocks, as clean HTML."""
    html = _parser.renderer.render(tokens, _parser.options, _env(cites))
    return mark_safe(_cleaner.clean(html))  # noqa: S308  (this is where it becomes safe)


_parser = _build_parser()
_cleaner = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    allowed_classes=CLASSES,
    clean_content_tags={"script", "style"},
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)
