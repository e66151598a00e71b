"""
The screen that every word of an answer passes on its way out, whoever worded it.

Text comes in pieces and leaves in pieces; what leaves does not depend on where the pieces end, and no forbidden pattern
ever leaves in parts. Only so much is held back as could still become one: of plain words the last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings

from governance.guardrails.output.clean import Cleaner
from governance.guardrails.output.findings import Findings
from governance.guardrails.output.leak import Leak
from governance.guardrails.output.limit import Limit
from governance.guardrails.output.markup import Markup
from governance.guardrails.output.private import Private
from governance.guardrails.output.sources import Sources
from governance.guardrails.policy import Policy
from governance.guardrails.values import GuardVerdict

SLICE_CHARS = 64


class Withheld(Exception):
    """The answer may not be told, and what was told of it is to be taken back. `finding` says why."""

    def __init__(self, finding: GuardVerdict) -> None:
        super().__init__(finding.code)
        self.finding = finding


Layer = Cleaner | Markup | Private | Leak | Limit


@dataclass(frozen=True, slots=True)
class Screened:
    """A text that was screened as a whole. `withheld`: why it may not be told at all."""

    text: str
    findings: tuple[GuardVerdict, ...]
    withheld: GuardVerdict | None


class ScreenedStream:
    """
    Screens one answer under one policy.

    `sources` are the texts that the asker may read or has written: what stands there may be told. `system_prompt` are
    the instructions that may not, `canary` the word that tells them. Once something is found that the policy blocks,
    nothing more leaves, and `withheld` says what it was; nothing of it has left.

    Layers, each on what the one before lets through: characters that nobody sees; links, images and HTML; keys,
    personal data and the canary; the system prompt; the length.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        sources: Sequence[str] = (),
        system_prompt: str = "",
        canary: str = "",
        among: Sources | None = None,
    ) -> None:
        """`among`: the sources of another text, which are this one's too."""
        self._policy, self._system_prompt, self._canary = policy, system_prompt, canary
        self._sources = among or Sources(sources, own_hosts())
        self._findings = Findings(policy)
        self._limit = Limit(policy.max_answer_chars)
        self._layers: tuple[Layer, ...] = (
            Cleaner(),
            Markup(self._sources, self._findings),
            Private(policy, self._sources, self._findings, canary=canary),
            Leak(system_prompt, self._sources, self._findings),
            self._limit,
        )

    @property
    def findings(self) -> tuple[GuardVerdict, ...]:
        return tuple(self._findings.verdicts)

    @property
    def withheld(self) -> GuardVerdict | None:
        return self._findings.withheld

    @property
    def is_cut(self) -> bool:
        """Whether the answer was longer than the policy allows."""
        return self._limit.is_over

    @property
    def held(self) -> int:
        """How many characters are held back."""
        return sum(layer.held for layer in self._layers)

    def allow(self, sources: Iterable[str]) -> None:
        """More that may be told: passages that came to hand, what a tool said."""
        self._sources.add(sources)

    def feed(self, piece: str) -> str:
        """What may leave now that this piece is there; looked at in slices, so that the time only grows as the text."""
        slices = (piece[start : start + SLICE_CHARS] for start in range(0, len(piece), SLICE_CHARS))
        return self._noted("".join(self._through(each, self._layers) for each in slices))

    def flush(self) -> str:
        """What was held back: the text, or a part of it that ends like a text, is at its end."""
        told = ""
        for place, layer in enumerate(self._layers):
            told += self._through(layer.flush(), self._layers[place + 1 :])
        return self._noted(told)

    def apart(self, text: str) -> Screened:
        """Another text that is all there, such as what a model wrote on a card, under the same rules."""
        own = ScreenedStream(self._policy, system_prompt=self._system_prompt, canary=self._canary, among=self._sources)
        told = own.feed(text) + own.flush()
        self._findings.verdicts += [verdict for verdict in own.findings if verdict not in self.findings]
        return Screened(told, own.findings, own.withheld)

    def forget(self) -> None:
        """What is held back comes to nothing."""
        for layer in self._layers:
            layer.forget()

    def _through(self, text: str, layers: Iterable[Layer]) -> str:
        for layer in layers:
            text = layer.feed(text) if text else ""
        return text

    def _noted(self, told: str) -> str:
        if self.is_cut and not any(verdict.guard == "length" for verdict in self.findings):
            self._findings.act("length", "cut")
        return told


@cache
def own_hosts() -> frozenset[str]:
    """This site's, as people's browsers name them."""
    site = urlsplit(settings.ASKACME.public_url).netloc
    return frozenset(filter(None, [site, *(host.lstrip(".*") for host in settings.ALLOWED_HOSTS)]))
