"""
Acme Corp, the demo company: its people, its groups, its handbook, its HR system's tools.

Loading again changes nothing: accounts, passwords and documents that are there are left as people made them, and
what people deleted stays deleted.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import Group
from django.db import transaction

from askacme.demo.hr_place import HrPlace
from askacme.demo.hr_tools import add_tools
from askacme.demo.starters import add_starters
from askacme.demo.suite import add_suite
from askacme.lib.errors import AskAcmeError
from chat.escalation.models import Inbox
from governance.access.models import User
from governance.access.roles import STAFF_ROLES, ensure_roles
from governance.audit.models import AuditEvent
from governance.audit.services import record
from knowledge.documents.importing import FoundFile, import_file, kept_audience
from knowledge.documents.services import AudienceChoice

logger = logging.getLogger(__name__)

HANDBOOK = Path(__file__).parent / "handbook"


INBOXES = {"": "HR", "legal": "Legal"}
"""Groups by department; the one without a name stands for all others."""


@dataclass(frozen=True, slots=True)
class DemoUser:
    """An account of the demo; the password is the one it was created with."""

    role: str
    email: str
    name: str
    password: str
    groups: tuple[str, ...] = ()
    is_superuser: bool = False

    def __str__(self) -> str:
        return f"  {self.role:<16} {self.email:<24} {self.password}"


PEOPLE = (
    DemoUser("Employee", "employee@acme.example", "Emma Ploy", "demo-employee-2026"),
    DemoUser("HR", "hr@acme.example", "Hannah Reyes", "demo-hr-2026", ("HR",)),
    DemoUser("Prompt author", "author@acme.example", "Aaron Thorne", "demo-author-2026", ("Prompt authors",)),
    DemoUser("Prompt approver", "approver@acme.example", "Priya Prover", "demo-approver-2026", ("Prompt approvers",)),
    DemoUser("Manager", "manager@acme.example", "Manuel Garcia", "demo-manager-2026", ("Managers",)),
    DemoUser("Legal", "legal@acme.example", "Leah Gallo", "demo-legal-2026", ("Legal",)),
    DemoUser("Administrator", "admin@acme.example", "Ada Minh", "demo-admin-2026", is_superuser=True),
)


def load_demo(hr: HrPlace | None = None) -> list[DemoUser]:
    """
    Make what is missing of the demo company; returns its accounts, each of which prints as a line.

    `hr` is where its HR service listens; without one there are no tools.
    """
    groups = {**ensure_roles(), "Legal": Group.objects.get_or_create(name="Legal")[0]}
    people = add_people(groups)
    add_inboxes(groups)
    added, unchanged, failed = add_handbook(groups)
    add_starters(groups)
    add_suite()
    if hr:
        add_tools(hr)
    logger.info("Acme's handbook: %s new, %s unchanged, %s failed", added, unchanged, failed)
    return people


def add_people(groups: dict[str, Group]) -> list[DemoUser]:
    """Create the missing accounts; returns those that exist now."""
    emails = [person.email for person in PEOPLE]
    known = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
    removed = deleted("user.delete", emails)
    for person in PEOPLE:
        if person.email not in known | removed:
            add_person(person, groups)
    return [person for person in PEOPLE if person.email in known or person.email not in removed]


@transaction.atomic
def add_person(person: DemoUser, groups: dict[str, Group]) -> None:
    user = User.objects.create_user(
        person.email,
        person.password,
        name=person.name,
        is_superuser=person.is_superuser,
        is_staff=person.is_superuser or not STAFF_ROLES.isdisjoint(person.groups),
    )
    user.groups.set([groups[name] for name in person.groups])
    record(actor=None, action="user.create", target=person.email, groups=list(person.groups), demo=True)


def add_inboxes(groups: dict[str, Group]) -> None:
    """Who gets the questions that no document answers: HR, and Legal those about legal matters."""
    meant = [Inbox(department=department, group=groups[name]) for department, name in INBOXES.items()]
    removed = deleted("inbox.delete", [str(inbox) for inbox in meant])
    for inbox in meant:
        if str(inbox) not in removed:
            Inbox.objects.get_or_create(department=inbox.department, defaults={"group": inbox.group})


def add_handbook(groups: dict[str, Group]) -> tuple[int, int, int]:
    """How many documents of the handbook are new or changed, unchanged, and refused."""
    entries = json.loads((HANDBOOK / "index.json").read_text(encoding="utf-8"))
    owners = {user.email: user for user in User.objects.filter(email__in={entry["owner"] for entry in entries})}
    removed = deleted("document.delete", [entry["path"] for entry in entries])
    added = unchanged = failed = 0
    for entry in entries:
        if entry["path"] in removed:
            continue
        named = tuple(groups[name] for name in entry["audience"])
        meant = AudienceChoice(for_everyone=not named, groups=named)
        try:
            taken = import_file(
                FoundFile(HANDBOOK / entry["path"], entry["path"]),
                audience=kept_audience(entry["path"]) or meant,
                owner=owners.get(entry["owner"]),
                title=entry["title"],
            )
        except AskAcmeError as error:
            logger.warning("%s: %s", entry["path"], error)
            failed += 1
        else:
            added += taken.is_new
            unchanged += not taken.is_new
    return added, unchanged, failed


def deleted(action: str, targets: Iterable[str]) -> set[str]:
    """Which of the targets people deleted, by the audit record."""
    events = AuditEvent.objects.filter(action=action, target__in=[target[:200] for target in targets])
    return set(events.values_list("target", flat=True))
