"""
What people do with passages: correct one, take one out, put it back. Each act is one transaction, on record.

The edit is kept with the document, and the chunks of the version in use are made again at once, in every index that
holds them. A passage is known by where it stands and how it read when the person saw it: if somebody else was faster,
nothing is changed and the act ends in a Conflict.
"""

import unicodedata

from django.db import transaction

from askacme.lib.errors import Conflict, InvalidInput, NotFound
from governance.access.models import User
from governance.audit.services import record
from governance.gateway.embeddings import embedder
from governance.guardrails.policy import policy_for
from knowledge.documents.models import Document
from knowledge.health.sensitive import as_stored
from knowledge.index.edits import places_of, words_of
from knowledge.index.embed import CONTEXT_TOKENS
from knowledge.index.models import Chunk, ChunkEdit, SearchIndex
from knowledge.index.rebuild import rebuild

UNTOUCHED = "as in the document"


def correct(*, chunk: Chunk, text: str, actor: User) -> None:
    """
    Let people read, and models get, `text` instead of the passage; search looks for its words.

    Of its cards, accounts, keys and the like only dots are kept, unless everyone's policy lets them stand in documents.

    Raises InvalidInput for a text that is empty or longer than a chunk may be, and Conflict.
    """
    text = as_stored(cleaned(text), policy_for(frozenset()))
    if not text:
        raise InvalidInput("A correction needs a text. To take the passage out of search, disable it.")
    if words_of(text) == words_of(chunk.text):
        return restore(chunk=chunk, actor=actor)
    check_size(text, chunk.index)
    with transaction.atomic():
        document = locked(chunk)
        replace_edit(document, chunk, corrected=text, disabled=False, actor=actor)
        rebuild(document)
        note(actor, "passage.correct", chunk, document, becomes="corrected")
    return None


def disable(*, chunk: Chunk, actor: User) -> None:
    """Take the passage out of search: its words are in no chunk that is found. Raises Conflict."""
    with transaction.atomic():
        document = locked(chunk)
        replace_edit(document, chunk, corrected=chunk.corrected, disabled=True, actor=actor)
        rebuild(document)
        note(actor, "passage.disable", chunk, document, becomes="disabled")


def restore(*, chunk: Chunk, actor: User) -> None:
    """Let the passage read as the document does again; nothing happens if nobody changed it. Raises Conflict."""
    with transaction.atomic():
        document = locked(chunk)
        edit = edit_behind(chunk, list(document.chunk_edits.select_related("edited_by")))
        if edit is None:
            return
        edit.delete()
        rebuild(document)
        note(actor, "passage.restore", chunk, document, becomes=UNTOUCHED)


def remove_edit(*, document: Document, edit_id: int, actor: User) -> None:
    """Forget an edit, whether its passage still stands in the document or not. Raises NotFound."""
    with transaction.atomic():
        document = Document.objects.select_for_update().get(pk=document.pk)
        edit = document.chunk_edits.filter(pk=edit_id).first()
        if edit is None:
            raise NotFound("This change was removed already.")
        was = state_of(edit)
        edit.delete()
        if document.current_id is not None:
            rebuild(document)
        record(actor=actor, action="passage.forget_edit", target=document.path, edit=edit_id, before={"state": was})


def edit_behind(chunk: Chunk, edits: list[ChunkEdit]) -> ChunkEdit | None:
    """The edit that made the chunk what it is: the last one whose passage covers it."""
    if not chunk.disabled and not chunk.corrected:
        return None
    same = [edit for edit in edits if words_of(edit.original) == words_of(chunk.text)]
    if same:
        return same[-1]
    text = chunk.version.text
    around = [
        edit
        for edit in edits
        if edit.disabled and any(a <= chunk.start and chunk.end <= b for a, b in places_of(edit.original, text))
    ]
    return around[-1] if around else None


def cleaned(text: str) -> str:
    """As parsers leave texts: NFC, line breaks of one kind, no control characters."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ("".join(letter for letter in line if letter == "\t" or letter.isprintable()) for line in lines)
    return "\n".join(line.rstrip() for line in kept).strip()


def check_size(text: str, index: SearchIndex) -> None:
    """Raises InvalidInput: what lies beyond the model's reach would be shown, and never found."""
    room = index.max_tokens - CONTEXT_TOKENS
    tokens = embedder(index.model).count_tokens([text])[0]
    if tokens > room:
        raise InvalidInput(
            f"The text is too long for one passage: it has {tokens} tokens, and {room} fit. Shorten it by about "
            f"{max(1, round(100 * (1 - room / tokens)))} %, or upload a new version of the document."
        )


def locked(chunk: Chunk) -> Document:
    """
    The chunk's document, which nobody else changes until the transaction ends.

    Raises Conflict when the passage is no longer what the person saw.
    """
    document = Document.objects.select_for_update(of=("self",)).filter(current_id=chunk.version_id).first()
    if document is None:
        raise Conflict("Another version of the document is in use now. Look at its passages, and change them there.")
    place = Chunk.objects.filter(version=chunk.version_id, index=chunk.index_id, start=chunk.start, end=chunk.end)
    if not place.filter(text=chunk.text, corrected=chunk.corrected, disabled=chunk.disabled).exists():
        raise Conflict(f"{who_was_faster(document)} a moment ago. Compare, and save again.")
    return document


def who_was_faster(document: Document) -> str:
    edit = document.chunk_edits.select_related("edited_by").order_by("-edited_at").first()
    if edit is None or edit.edited_by is None:
        return "Somebody changed this passage"
    return f"{edit.edited_by} changed this passage or one beside it"


def replace_edit(document: Document, chunk: Chunk, *, corrected: str, disabled: bool, actor: User) -> None:
    """A passage has one edit; the newest comes last, for later edits win."""
    words = words_of(chunk.text)
    former = [edit.pk for edit in document.chunk_edits.all() if words_of(edit.original) == words]
    document.chunk_edits.filter(pk__in=former).delete()
    document.chunk_edits.create(original=chunk.text, corrected=corrected, disabled=disabled, edited_by=actor)


def note(actor: User, action: str, chunk: Chunk, document: Document, *, becomes: str) -> None:
    """On record by place, not by words: who reads the record need not be among those who may read the document."""
    record(
        actor=actor,
        action=action,
        target=document.path,
        version=chunk.version.number,
        start=chunk.start,
        end=chunk.end,
        before={"state": state_of(chunk)},
        after={"state": becomes},
    )


def state_of(passage: Chunk | ChunkEdit) -> str:
    return "disabled" if passage.disabled else "corrected" if passage.corrected else UNTOUCHED
