"""How long what is kept, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.audit.models import RetentionRule

Table = RetentionRule.Table
WHAT: Mapping[str, Promise] = {
    Table.CONVERSATIONS: gettext_lazy("Your conversations"),
    Table.ANSWERS: gettext_lazy("The words of your questions and answers in the audit record"),
    Table.FEEDBACK: gettext_lazy("Your feedback"),
    Table.ESCALATIONS: gettext_lazy("Questions you handed over to a person"),
    Table.TOOL_USES: gettext_lazy("What was asked of other systems for you"),
    Table.MODEL_CALLS: gettext_lazy("Figures of each call to a model (no words)"),
    Table.AUDIT: gettext_lazy("The audit record as a whole"),
    Table.TEMPORARY: gettext_lazy("Ended sessions"),
}

ON_RECORD = frozenset({Table.ANSWERS, Table.AUDIT})


@dataclass(frozen=True, slots=True)
class Kept:
    """`days` None: as long as nobody deletes it; on record, as long as nobody has the person's data erased."""

    what: str
    days: int | None
    on_record: bool

    @property
    def how_long(self) -> str:
        if self.days is None:
            return _("until a person's data are erased") if self.on_record else _("until it is deleted")
        return ngettext("%(days)s day", "%(days)s days", self.days) % {"days": self.days}


def kept() -> Iterator[Kept]:
    """Each kind of data with its rule, the nearest to the reader first."""
    days = dict(RetentionRule.objects.values_list("table", "days"))
    for table, what in WHAT.items():
        yield Kept(str(what), days.get(table), table in ON_RECORD)
