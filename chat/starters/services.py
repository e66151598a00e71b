"""Which questions an empty chat suggests to whom."""

from django.db.models import F

from chat.starters.models import Starter
from governance.access.models import User

SHOWN = 4


def starters_for(user: User) -> list[str]:
    """Those of the person's groups first, then those for everyone, each question once."""
    starters = Starter.objects.visible_to(user).order_by(F("group").asc(nulls_last=True), "position", "id")
    return list(dict.fromkeys(starters.values_list("text", flat=True)))[:SHOWN]
