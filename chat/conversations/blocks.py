"""Code and tables of an answer: each in a box of its own, which scrolls alone and is reached by keyboard."""

from collections.abc import Sequence
from html import escape

from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

TAGS = {"figure", "figcaption", "button", "div"}
ATTRIBUTES = {
    "pre": {"tabindex"},
    "button": {"type", "data-copy"},
    "div": {"role", "tabindex", "aria-label"},
}
CLASSES = {"figure": {"code-block"}, "figcaption": {"code-head"}, "button": {"button-quiet"}, "div": {"table-box"}}
LANGUAGE_CHARS = 30


def box_blocks(parser: MarkdownIt) -> None:
    """Code with its language and a button to copy it; tables that scroll inside their box."""
    for rule in ("fence", "code_block"):
        parser.add_render_rule(rule, _render_code)
    parser.add_render_rule("table_open", _open_table)
    parser.add_render_rule("table_close", _close_table)


def _render_code(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    token = tokens[index]
    language = (token.info.split() or [_("Code")])[0][:LANGUAGE_CHARS]
    copy = _("Copy")
    button = f'<button class="button-quiet" type="button" data-copy="">{copy}</button>'
    head = f'<figcaption class="code-head"><span>{escape(language)}</span>{button}</figcaption>'
    code = f'<pre tabindex="0"><code>{escape(token.content, quote=False)}</code></pre>'
    return f'<figure class="code-block">{head}{code}</figure>\n'


def _open_table(
    _renderer: RendererHTML, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: EnvType
) -> str:
    name = _("Table")
    return f'<div class="table-box" role="region" tabindex="0" aria-label="{name}"><table>\n'


def _close_table(
    _renderer: RendererHTML, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: EnvType
) -> str:
    return "</table></div>\n"
