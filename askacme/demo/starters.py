"""What Acme's empty chat suggests: to everyone, and to the groups whose documents answer it."""

from collections.abc import Mapping

from django.contrib.auth.models import Group
from django.db import transaction

from chat.starters.models import Starter
from governance.audit.models import AuditEvent
from governance.audit.services import record

EVERYONE = ""
STARTERS = {
    EVERYONE: (
        "How many weeks of parental leave do I get?",
        "By when must I hand in my expenses?",
        "How do I get a new laptop?",
        "Which public holidays do we have this year?",
    ),
    "HR": (
        "How long is the notice period in Berlin?",
        "When is the referral bonus paid?",
    ),
    "Managers": (
        "How long does a performance improvement plan last?",
        "What is the bonus target at level L5?",
    ),
    "Legal": (
        "How soon must a hold notice be sent?",
        "Who may release a litigation hold?",
    ),
}


def add_starters(groups: Mapping[str, Group]) -> None:
    """Those that are missing; what people deleted stays deleted, and what they changed is theirs."""
    made = set(AuditEvent.objects.filter(action="starter.create", details__demo=True).values_list("target", flat=True))
    for name, questions in STARTERS.items():
        for position, question in enumerate(questions):
            if question not in made:
                add_starter(question, groups.get(name), position)


@transaction.atomic
def add_starter(question: str, group: Group | None, position: int) -> None:
    _, is_new = Starter.objects.get_or_create(text=question, group=group, defaults={"position": position})
    if is_new:
        record(actor=None, action="starter.create", target=question, demo=True)
