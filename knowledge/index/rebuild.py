"""Making a version's chunks anew from its stored text: the file is not read again, known vectors are not computed."""

from collections.abc import Iterable, Sequence

from knowledge.documents.models import Document, DocumentVersion
from knowledge.index.embed import Beat, Embedded, embed
from knowledge.index.indexes import fed_indexes
from knowledge.index.models import Chunk, ChunkEdit, SearchIndex
from knowledge.index.store import store
from knowledge.ingest.parsed import Block, ParsedDocument

Built = list[tuple[SearchIndex, Sequence[Embedded]]]


class TakesLong(Exception):
    """More is to be embedded than a person at a screen should wait for."""


def rebuilt(
    version: DocumentVersion, *, edits: Iterable[ChunkEdit], indexes: Iterable[SearchIndex], beat: Beat
) -> Built:
    """What each index will hold of the version, ready to be stored."""
    parsed = reparsed(version)
    title = parsed.title or version.document.title
    edits = list(edits)
    return [(index, embed(parsed, title=title, edits=edits, index=index, beat=beat)) for index in indexes]


def rebuild(document: Document) -> None:
    """
    Make the chunks of the version in use again, in each index that holds it. Call it inside a transaction.

    An index that is being built and has not come to this document will find the edits when it does.
    """
    version = document.current
    assert version is not None  # noqa: S101 - narrows the type: a document with chunks has a version in use
    held = set(Chunk.objects.filter(version=version).order_by().values_list("index_id", flat=True).distinct())
    indexes = [index for index in fed_indexes() if index.pk in held]
    for index, embedded in rebuilt(
        version, edits=document.chunk_edits.all(), indexes=indexes, beat=lambda _share: None
    ):
        store(version, document, index, embedded)


def reparsed(version: DocumentVersion) -> ParsedDocument:
    """A ready version as it was when its file had been read."""
    return ParsedDocument(
        title=version.title,
        media_type=version.media_type,
        text=version.text,
        blocks=tuple(Block(*block) for block in version.blocks),
        page_count=version.page_count,
        empty_pages=tuple(version.empty_pages),
        ocr_pages=tuple(version.ocr_pages),
    )


def while_someone_waits(share: float) -> None:
    """A beat for requests. Raises TakesLong when the first slice of chunks (64) was not all that had to be embedded."""
    if share < 1:
        raise TakesLong
