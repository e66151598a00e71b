"""
How the old of it goes: what people said of filtered answers, once it is decided, and blocked attacks.

One person's goes by itself with their account.
"""

from datetime import datetime

from django.db.models import Q

from governance.audit.retention import delete_in_parts
from governance.audit.stores import Held, Store
from governance.guardrails.reviews.models import AbuseAlert, BlockedAttack, GuardReview


def purge_reviews(before: datetime, held: Held) -> int:
    """What waits for somebody's word waits on, however old."""
    of_others = ~Q(user_id__in=held.people)
    return sum(
        map(
            delete_in_parts,
            (
                GuardReview.objects.filter(of_others, decided_at__lt=before),
                BlockedAttack.objects.filter(of_others, at__lt=before),
                AbuseAlert.objects.filter(of_others, acknowledged_at__lt=before),
            ),
        )
    )


STORES = (Store("reviews", purge=purge_reviews),)
