"""What is measured on: documents with their audiences, questions, and someone who may read them all."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import Group

from askacme.demo.load import HANDBOOK, add_handbook, add_people
from askacme.lib.errors import AskAcmeError
from governance.access.models import User
from governance.access.roles import ensure_roles
from knowledge.documents.importing import files_below, import_file
from tests.bench.output import say

READER = "bench@acme.example"


@dataclass(frozen=True)
class Corpus:
    """`take_in` uploads every file (unchanged ones cost nothing); the groups are those whose documents count, too."""

    name: str
    questions: Path
    take_in: Callable[[], object]
    groups: Sequence[str] = ()

    def reader(self) -> User:
        user = User.objects.create_user(READER, None)
        user.groups.set(Group.objects.filter(name__in=self.groups))
        return user


def demo() -> Corpus:
    """The handbook as `serve --demo` loads it; its owners are there already, for hashing their passwords takes time."""
    groups = {**ensure_roles(), "Legal": Group.objects.create(name="Legal")}
    add_people(groups)
    questions = HANDBOOK.parent / "questions.jsonl"
    return Corpus("Acme's handbook", questions, lambda: add_handbook(groups), ("Managers", "Legal"))


def on_disk(folder: Path) -> Corpus:
    """`folder/docs`, for everyone, and `folder/questions.jsonl`."""
    return Corpus(folder.name, folder / "questions.jsonl", lambda: import_folder(folder / "docs"))


def import_folder(docs: Path) -> None:
    ensure_roles()
    for found in files_below([docs]):
        try:
            import_file(found, audience=None, owner=None)
        except AskAcmeError as error:
            say(f"Refused: {found.path}: {error}", to=sys.stderr)
