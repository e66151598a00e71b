"""Holds that nobody closed: their process died between setting money aside and settling."""

import logging
from datetime import datetime

from django.utils import timezone

from governance.gateway.money.models import Hold
from governance.gateway.money.services import close

logger = logging.getLogger(__name__)
State = Hold.State


def sweep(*, now: datetime | None = None) -> int:
    """
    Count what expired holds set aside as spent, all of it: the call may have been made, and budgets must hold.

    Returns how many there were.
    """
    expired = list(Hold.objects.expired(now or timezone.now()))
    swept = sum(close(hold.pk, State.SWEPT, hold.amount_usd, before=[State.HELD]) for hold in expired)
    if swept:
        logger.warning("%s call(s) were never settled: what was set aside for them counts as spent", swept)
    return swept
