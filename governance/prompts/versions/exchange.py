"""Versions out into a folder of files, and back in as drafts."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from django.db import transaction

from askacme.lib.errors import AskAcmeError, InvalidInput, NotFound
from governance.access.models import User
from governance.prompts.files import PromptFile, as_text, read
from governance.prompts.semver import number_from
from governance.prompts.versions.models import Prompt, PromptVersion
from governance.prompts.versions.services import draft

SUFFIX = ".md"
MOST_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file. `version` is the one that was written, made, or there already."""

    file: str
    version: str
    what: Literal["written", "drafted", "unchanged"]


def write_files(folder: Path, *, with_all: bool) -> list[Outcome]:
    """The released versions as `<name>.md`; with all of them, each as `<name>@<number>.md`."""
    folder.mkdir(parents=True, exist_ok=True)
    versions = PromptVersion.objects.select_related("author").order_by("prompt_id", "major", "minor", "patch")
    if not with_all:
        versions = versions.filter(state=PromptVersion.State.RELEASED)
    return [written(version, folder, version.label if with_all else version.prompt_id) for version in versions]


def written(version: PromptVersion, folder: Path, name: str) -> Outcome:
    path = folder / f"{name}{SUFFIX}"
    path.write_bytes(as_text(file_of(version)).encode())
    return Outcome(path.name, version.label, "written")


def file_of(version: PromptVersion) -> PromptFile:
    return PromptFile(
        prompt=version.prompt_id,
        number=version.number,
        content=version.content,
        owner=version.author.email if version.author else "",
        date=version.created_at.date(),
        change_note=version.change_note,
    )


def take_in(folder: Path, *, actor: User) -> list[Outcome]:
    """
    Each file whose content is new becomes a draft of the actor's: all of them, or none.

    Raises InvalidInput that names the first wrong file, and NotAllowed.
    """
    paths = sorted(folder.glob(f"*{SUFFIX}"))
    if not paths:
        raise InvalidInput(f"There is no *{SUFFIX} file in {folder}.")
    files = [(path.name, read_from(path)) for path in paths]
    with transaction.atomic():
        return [kept(name, file, actor) for name, file in files]


def read_from(path: Path) -> PromptFile:
    """Raises InvalidInput that names the file."""
    try:
        with path.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise InvalidInput(f"a prompt's file has at most {MOST_BYTES:,} bytes.")
        return read(raw.decode())
    except OSError as error:
        raise InvalidInput(f"{path.name}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path.name}: this is no text in UTF-8.") from error
    except AskAcmeError as error:
        raise InvalidInput(f"{path.name}: {error}") from error


def kept(name: str, file: PromptFile, actor: User) -> Outcome:
    prompt = Prompt.objects.get(pk=file.prompt)
    known = prompt.versions.filter(sha256=file.content.sha256).first()
    if known:
        return Outcome(name, known.label, "unchanged")
    note = file.change_note or f"Imported from {name}."
    made = draft(prompt=prompt, content=file.content, change_note=note, actor=actor, number=file.number)
    return Outcome(name, made.label, "drafted")


def found(given: str) -> PromptFile:
    """
    A file's path, `answer@1.0.0`, or `answer` for the released version.

    Raises NotFound, and InvalidInput when a file is wrong.
    """
    path = Path(given)
    if path.suffix == SUFFIX or path.is_file():
        return read_from(path)
    name, _, number = given.partition("@")
    versions: Iterable[PromptVersion] = PromptVersion.objects.filter(prompt=name).select_related("author")
    if number:
        chosen = [version for version in versions if version.number == number_from(number)]
    else:
        chosen = [version for version in versions if version.state == PromptVersion.State.RELEASED]
    if not chosen:
        raise NotFound(
            f"There is no version {given!r}. Name one as answer@1.0.0, as answer (released), or by its file."
        )
    return file_of(chosen[0])
