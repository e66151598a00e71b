"""What people corrected or disabled, put into a document's chunks again whenever they are made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from knowledge.index.models import ChunkEdit
from knowledge.ingest.chunk import ChunkDraft


@dataclass(frozen=True, slots=True)
class EditedDraft:
    """A draft, and what a person made of it: a text in its place, or that it must not be found."""

    draft: ChunkDraft
    corrected: str = ""
    disabled: bool = False


def apply_edits(text: str, drafts: Sequence[ChunkDraft], edits: Iterable[ChunkEdit]) -> list[EditedDraft]:
    """
    The drafts with each edited passage as a chunk of its own, wherever it stands in the text word for word.

    What other chunks shared with the passage is cut off them, so that the words a person took out are in none; an
    edit whose passage the text no longer holds changes nothing. Edits made later win.
    """
    made = [EditedDraft(draft) for draft in drafts]
    for edit in edits:
        for start in places_of(edit.original, text):
            made = _with_edit(made, edit, start)
    made.sort(key=lambda edited: (edited.draft.start, edited.draft.end))
    return [replace(edited, draft=replace(edited.draft, ordinal=ordinal)) for ordinal, edited in enumerate(made)]


def places_of(passage: str, text: str) -> list[int]:
    """Where the passage begins in the text; places that overlap count once."""
    places, at = [], text.find(passage) if passage else -1
    while at >= 0:
        places.append(at)
        at = text.find(passage, at + len(passage))
    return places


def _with_edit(made: list[EditedDraft], edit: ChunkEdit, start: int) -> list[EditedDraft]:
    end = start + len(edit.original)
    touched = [edited for edited in made if edited.draft.start < end and start < edited.draft.end]
    if not touched:
        return made
    kept = [edited for edited in made if edited not in touched]
    nearest = max(touched, key=lambda edited: min(edited.draft.end, end) - max(edited.draft.start, start)).draft
    rest = [part for edited in touched for part in _outside(edited, start, end)]
    passage = replace(nearest, text=edit.original, start=start, end=end)
    return [*kept, *rest, EditedDraft(passage, corrected=edit.corrected, disabled=edit.disabled)]


def _outside(edited: EditedDraft, start: int, end: int) -> list[EditedDraft]:
    """What is left of a draft without the span: nothing, or one or two shorter drafts."""
    draft = edited.draft
    spans = [(draft.start, min(draft.end, start)), (max(draft.start, end), draft.end)]
    left = []
    for first, last in spans:
        words = draft.text[first - draft.start : last - draft.start] if first < last else ""
        if any(character.isalnum() for character in words):
            lead = len(words) - len(words.lstrip())
            body = words.strip()
            share = max(1, draft.tokens * len(body) // len(draft.text))
            begin = first + lead
            left.append(EditedDraft(replace(draft, text=body, start=begin, end=begin + len(body), tokens=share)))
    return left
