"""
Links, images and HTML in an answer.

The Markdown that is told holds no image, no link but to this site or an address of the sources, and no HTML outside
code. Code, in backticks, stays as it is: so it has to be code for every reader of Markdown, or it is none here.
"""

import re

from governance.guardrails.output.findings import Findings
from governance.guardrails.output.scan import Candidate, Patterns, Scanner, Taken, patterns
from governance.guardrails.output.sources import Sources

REMOVED = "(link removed)"
ADDRESS = r"[^\s<>`\"\[\]\\]"
LINKED = (
    r"!?\[(?:[^\[\]\n`<]|\[[^\[\]\n`<]{0,100}\]){0,300}\]"
    r"\([^()\n`]{0,1500}(?:\([^()\n`]{0,300}\)[^()\n`]{0,300})?\)"
)
PLAIN_ENTITIES = (
    "(?:amp|lt|gt|quot|apos|[nm]dash|hellip|euro|deg|copy|reg|trade|[AOUaou]uml|szlig"
    "|[A-Za-z](?:acute|grave|circ|tilde))"
)
"""That spell nothing which is looked for."""
CODE = (
    ("fence", r"(?<![^\n])(?:`{3,}[^`\n]{0,80}|~{3,}[^`~\n]{0,80})\n"),
    ("escape", r"\\[\\`]"),
    ("code", r"(?<!`)(?:`[^`\n]{1,200}`|``(?:[^`\n]|`(?!`)){1,200}``)(?!`)"),
    ("stray", r"`+|~{3,}"),
)
MARKUP = (
    ("script", r"<(?i:script|style|iframe|object|svg|template)\b[^<>]{0,300}>[^<]{0,1000}</[A-Za-z]{1,20}\s{0,3}>"),
    ("comment", r"<!--(?:[^-]|-(?!->)){0,500}-->"),
    ("auto", rf"<[A-Za-z][A-Za-z0-9+.-]{{1,31}}:{ADDRESS}{{0,2000}}>"),
    ("tag", r"</?[A-Za-z][\w:.-]{0,30}(?:[\s/][^<>]{0,800})?>|<[!?][^<>]{0,300}>"),
    ("opening", r"<[A-Za-z/!?]"),
    ("link", LINKED),
    ("bracket", r"!\[|\]\("),
    ("entity", rf"&(?:#|(?!{PLAIN_ENTITIES};)[A-Za-z][A-Za-z0-9]{{1,31}};)"),
    ("escaped", r"(?<=\w)\\[_.@+=/-](?=\w)"),
    ("script_address", rf"(?i:(?:java|vb)script:|data:[a-z]+/){ADDRESS}{{0,2000}}"),
    ("address", rf"(?i:[a-z][a-z0-9+.-]{{1,20}}:[/\\]{{2}}|www\.|//(?=[a-z0-9])){ADDRESS}{{1,2000}}"),
)
IN_FENCE = (("closing", r"(?<![^\n]) {0,3}(?:`{3,}|~{3,})[ \t]{0,20}\n"),)
ELEMENTS = (
    "a abbr address area article aside audio b base bdi bdo big blink blockquote body br button canvas caption center"
    " cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure"
    " font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe image img input ins kbd label"
    " legend li link main map mark marquee math menu meta meter nav noembed noframes noscript object ol optgroup option"
    " output p param picture plaintext pre progress q rp rt ruby s samp script search section select slot small source"
    " span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track"
    " tt u ul var video wbr xmp"
)
KNOWN_TAGS = frozenset(ELEMENTS.split())
APART = frozenset({"br", "p", "div", "li", "tr", "td", "th"})
"""Elements that keep words apart."""
TAG = re.compile(r"</?(?P<name>[A-Za-z][\w:.-]*)(?P<rest>[^>]*)>")
HANDLER = re.compile(r"\bon\w+\s*=", re.IGNORECASE)
LINK = re.compile(r"(?P<image>!?)\[(?P<text>.*)\]\(\s*(?P<address><[^>]*>|\S*?)(?:\s+[\"'(].*[\"')])?\s*\)", re.DOTALL)
LIKE_AN_ADDRESS = re.compile(r"[:/\\?#@&]|\w\.\w")
WEB = ("http://", "https://", "www.")
TRAILING = ".,:;!?*_'\")"

TRUSTED = patterns((*CODE, *MARKUP))
UNTRUSTED = patterns(MARKUP)
"""Once a backtick stood alone nobody knows what the next pair encloses: from then on nothing counts as code."""
FENCED = patterns(IN_FENCE)


class Markup:
    """Drops and escapes what the policy does not leave."""

    def __init__(self, sources: Sources, findings: Findings, *, code: Patterns = TRUSTED) -> None:
        self._sources = sources
        self._findings = findings
        self._fence = ""
        self._scanner = Scanner(code, self._take)
        self.feed, self.flush, self.forget = self._scanner.feed, self._scanner.flush, self._scanner.forget
        self._means = {
            **dict.fromkeys(("fence", "closing", "stray"), self._turn_code),
            **dict.fromkeys(("escape", "code"), as_it_is),
            **dict.fromkeys(("script", "comment"), self._element),
            **dict.fromkeys(("auto", "address", "script_address"), self._address),
            "tag": self._tag,
            "opening": self._escaped,
            "entity": self._entity,
            "escaped": without_backslash,
            "link": self._link,
            "bracket": self._bracket,
        }

    @property
    def held(self) -> int:
        return self._scanner.held

    def _take(self, found: Candidate) -> Taken:
        taken = self._means[found.name](found)
        if self._findings.withheld:
            return Taken("", taken.length, is_last=True)
        if not taken.text and found.last == "`":  # two pieces of code that come to stand side by side are another one
            return Taken(" ", taken.length)
        return taken

    def _turn_code(self, found: Candidate) -> Taken:
        if found.name == "fence":
            self._fence = found.text[: len(found.text) - len(found.text.lstrip(found.text[0]))]
            self._scanner.patterns = FENCED
        elif found.name == "stray":
            self._scanner.patterns = UNTRUSTED
        elif found.text.strip().startswith(self._fence):
            self._scanner.patterns = TRUSTED
        return as_it_is(found)

    def _element(self, found: Candidate, instead: str = "", code: str = "tag") -> Taken:
        if self._findings.leaves("html", code if found.name == "tag" else found.name):
            return Taken(found.text[0], 1)
        return Taken(instead, len(found.text))

    def _tag(self, found: Candidate) -> Taken:
        """What only looks like an element, such as `List<String>` or `a <b and c> d`, stays readable."""
        tag = TAG.fullmatch(found.text)
        if tag is None:
            return self._element(found, code="declaration")
        name, rest = tag["name"].lower(), tag["rest"].strip(" \t\n/")
        if "=" in rest or (name in KNOWN_TAGS and not rest):
            code = "handler" if HANDLER.search(rest) else "tag"
            return self._element(found, " " if name in APART else "", code)
        return self._escaped(found)

    def _escaped(self, found: Candidate) -> Taken:
        """Whoever shows the answer sees a `<`, and no browser an element: nothing that is worth a finding."""
        is_left = self._findings.action_of("html").severity < 2
        return Taken("<" if is_left else "&lt;", 1)

    def _entity(self, found: Candidate) -> Taken:
        """A character written as a number would only become one where the answer is shown, behind our back."""
        if found.text == "&nbsp;":
            return Taken(" ", len(found.text))
        return Taken(f"&amp;{found.text[1:]}", len(found.text))

    def _link(self, found: Candidate) -> Taken:
        link = LINK.fullmatch(found.text)
        if link is None or not LIKE_AN_ADDRESS.search(link["address"]):
            return Taken("[", 2 if found.text[0] == "!" else 1)
        address = link["address"].strip("<>")
        if not link["image"] and self._is_known(address):
            return Taken(f"[{self._inner(link['text'])}]({address})", len(found.text))
        if self._findings.leaves("link", "image" if link["image"] else "outside"):
            return Taken(f"{link['image']}[{self._inner(link['text'])}]({address})", len(found.text))
        text = self._inner(link["text"])
        return Taken(f"[{text}]" if text.isdigit() else text, len(found.text))

    def _bracket(self, found: Candidate) -> Taken:
        """What begins or ends a link that could not be read as one no longer does."""
        return Taken("[" if found.text == "![" else "] (", len(found.text))

    def _address(self, found: Candidate) -> Taken:
        address = found.text if found.name == "auto" else found.text.rstrip(TRAILING)
        is_script = found.name == "script_address"
        if not is_script and self._is_known(address.strip("<>")):
            return Taken(address, len(address))
        if self._findings.leaves("link", "script" if is_script else "outside"):
            return Taken(address, len(address))
        return Taken(REMOVED, len(address))

    def _is_known(self, address: str) -> bool:
        folded = address.lower()
        if folded.startswith("mailto:"):
            return self._sources.hold(folded.removeprefix("mailto:"))
        return folded.startswith(WEB) and self._sources.name(address)

    def _inner(self, text: str) -> str:
        inner = Markup(self._sources, self._findings, code=UNTRUSTED)
        return inner.feed(text) + inner.flush()


def without_backslash(found: Candidate) -> Taken:
    """In the middle of a word it only parts what is read as one: `sk\\_live`."""
    return Taken(found.text[1], len(found.text))


def as_it_is(found: Candidate) -> Taken:
    return Taken(found.text, len(found.text))
