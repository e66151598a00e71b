"""The health card as a person at the console may see it."""

from collections.abc import Iterator
from dataclasses import dataclass

from governance.access.audience import Audience
from governance.access.models import User
from knowledge.documents.models import Document, DocumentVersion
from knowledge.health.examine import QUARANTINED
from knowledge.health.models import Finding
from knowledge.index.models import Chunk, SearchIndex

WORST_FIRST = (Finding.Severity.QUARANTINE, Finding.Severity.WARNING, Finding.Severity.NOTE)


@dataclass(frozen=True, slots=True)
class CardLine:
    """A finding. Its words, and the other document's, are shown to those who may read the documents they are from."""

    finding: Finding
    shows_excerpt: bool
    shows_other: bool


@dataclass(frozen=True, slots=True)
class HealthCard:
    """
    What is known of a version.

    `is_readable`: whether the person is in the document's audience. Only then are its questions and excerpts shown, and
    only such a person can release it.
    """

    version: DocumentVersion
    chunk_count: int
    lines: tuple[CardLine, ...]
    is_readable: bool

    @property
    def is_held_back(self) -> bool:
        return self.version.state == DocumentVersion.State.FAILED and self.version.error_code == QUARANTINED

    @property
    def is_sound(self) -> bool:
        """Whether there is nothing to look at."""
        return all(line.finding.severity == Finding.Severity.NOTE for line in self.lines)

    @property
    def language(self) -> str:
        return "Not told" if self.version.language == "simple" else self.version.language.capitalize()


def cards_of(document: Document, user: User) -> list[HealthCard]:
    """The cards of the version uploaded last and, where that is another, of the one in use."""
    audience = Audience.of(user)
    versions = document.versions.defer("text", "blocks").select_related("released_by")
    newest = versions.order_by("-number").first()
    wanted = {version.pk: version for version in (newest,) if version}
    if document.current_id and document.current_id not in wanted:
        wanted |= {version.pk: version for version in versions.filter(pk=document.current_id)}
    is_readable = Document.objects.visible_to(audience).filter(pk=document.pk).exists()
    return [
        HealthCard(
            version, _chunk_count(version), tuple(_lines(version, audience, is_readable=is_readable)), is_readable
        )
        for version in wanted.values()
        if version.is_finished
    ]


def _lines(version: DocumentVersion, audience: Audience, *, is_readable: bool) -> Iterator[CardLine]:
    findings = sorted(version.findings.select_related("other"), key=lambda each: WORST_FIRST.index(each.severity))
    named = {finding.other_id for finding in findings if finding.other_id}
    others = set(Document.objects.visible_to(audience).filter(pk__in=named).values_list("pk", flat=True))
    for finding in findings:
        yield CardLine(finding, is_readable and bool(finding.excerpt), is_readable and finding.other_id in others)


def _chunk_count(version: DocumentVersion) -> int:
    live = SearchIndex.objects.filter(state=SearchIndex.State.LIVE)
    return Chunk.objects.filter(version=version, index__in=live).count()
