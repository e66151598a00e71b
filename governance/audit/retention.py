"""Retention: what is older than its rule allows goes, but for what a legal hold covers."""

import logging
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from governance.access.models import ApiKey
from governance.audit.anchors import sign
from governance.audit.blanking import blank
from governance.audit.chain import found_in_links
from governance.audit.models import AuditAnchor, AuditedAnswer, AuditLink, RetentionRule
from governance.audit.services import record
from governance.audit.stores import Held, Leaving, Store, held_now, stores
from governance.feedback.models import Feedback
from governance.gateway.models import Inference

logger = logging.getLogger(__name__)

AT_ONCE = 5_000
"""Rows of one transaction: short enough for nobody to wait for it."""

STAYS = """
SELECT min(link.seq) FROM governance_auditlink AS link
LEFT JOIN governance_auditevent AS act ON link.kind = 'act' AND act.id = link.row_id
LEFT JOIN governance_auditedanswer AS answer ON link.kind = 'answer' AND answer.id = link.row_id
WHERE link.seq >= %(first)s AND link.seq < %(end)s AND (
    coalesce(act.at, answer.at) >= %(before)s OR coalesce(act.actor_id, answer.user_id) = ANY(%(held)s)
)
"""
REMOVE = """
SELECT set_config('askacme.audit_retention', 'on', true);
DELETE FROM governance_auditevent WHERE id IN
    (SELECT row_id FROM governance_auditlink WHERE kind = 'act' AND seq <= {last});
DELETE FROM governance_auditedanswer WHERE id IN
    (SELECT row_id FROM governance_auditlink WHERE kind = 'answer' AND seq <= {last});
DELETE FROM governance_auditlink WHERE seq <= {last};
SELECT set_config('askacme.audit_retention', 'off', true);
"""


def apply_retention() -> dict[str, int]:
    """Delete what is due, by table. A table that can't be done does not keep the others from it."""
    days = dict(RetentionRule.objects.exclude(days=None).values_list("table", "days"))
    done = {}
    for store in stores():
        if store.purge and store.name in days:
            before = timezone.now() - timedelta(days=days[store.name] or 0)
            try:
                done[store.name] = purge(store, before)
            except Exception:
                logger.exception("Retention: %s could not be looked through", store.name)
    return done


def purge(store: Store, before: datetime) -> int:
    """How many rows went. Holds are looked up here, so that one placed a moment ago counts."""
    held = held_now()
    count = 0 if held.everyone or not store.purge else store.purge(before, held)
    if count:
        record(actor=None, action="retention.delete", target=store.name, before=before.isoformat(), rows=count)
    return count


def delete_in_parts(rows: QuerySet[Model]) -> int:
    """A part in each transaction, the oldest first."""
    count = 0
    while True:
        with transaction.atomic():
            part = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
            rows.model._default_manager.filter(pk__in=part).delete()  # noqa: SLF001 - Django's own way in
        count += len(part)
        if len(part) < AT_ONCE:
            return count


def purge_feedback(before: datetime, held: Held) -> int:
    return delete_in_parts(Feedback.objects.filter(updated_at__lt=before).exclude(user_id__in=held.people))


def purge_model_calls(before: datetime, held: Held) -> int:
    covered = Q(user_id__in=held.people, user_id__isnull=False)
    return delete_in_parts(Inference.objects.filter(~covered, created_at__lt=before))


def disown_model_calls(leaving: Leaving) -> int:
    """What they cost stays, as nobody's; what a provider answered with an error may repeat what was asked."""
    return Inference.objects.filter(user=leaving.person).update(user=None, error="")


def purge_temporary(before: datetime, held: Held) -> int:
    keys = ApiKey.objects.filter(revoked_at__lt=before).exclude(user_id__in=held.people)
    return delete_in_parts(Session.objects.filter(expire_date__lt=before)) + delete_in_parts(keys)


def blank_answers(before: datetime, held: Held) -> int:
    """Their words go, their figures stay."""
    covered = Q(user_id__in=held.people, user_id__isnull=False)
    due = AuditedAnswer.objects.filter(~covered, at__lt=before, erased_at=None)
    count = 0
    while True:
        with transaction.atomic():
            part = list(due.order_by("pk").select_for_update().values_list("pk", flat=True)[:AT_ONCE])
            if part:
                named = {AuditLink.Kind.ANSWER: part}
                blank(named, actor=None, action="audit.retain", target="answers", before=before.isoformat())
        count += len(part)
        if len(part) < AT_ONCE:
            return count


def cut_record(before: datetime, held: Held) -> int:
    """
    Remove the oldest part of the audit record, up to the first row that is too young or held.

    A signed cut says where the record begins from then on. What does not verify is not cut: it would be lost as proof.
    """
    count = 0
    while part := cut_part(before, held):
        count += part
    return count


def cut_part(before: datetime, held: Held) -> int:
    with transaction.atomic():
        first = AuditLink.objects.first()
        if first is None:
            return 0
        end = first.seq + AT_ONCE
        with connection.cursor() as cursor:
            cursor.execute(STAYS, {"first": first.seq, "end": end, "before": before, "held": list(held.people)})
            (stays,) = cursor.fetchone()
        last = AuditLink.objects.filter(seq__lt=stays or end).last()
        if last is None:
            return 0
        if problems := list(found_in_links(first, last)):
            logger.error("Retention: the audit record is not cut, for it does not verify: %s", problems[0])
            return 0
        sign(AuditAnchor.Kind.CUT, last)
        with connection.cursor() as cursor:
            cursor.execute(REMOVE.format(last=last.seq))
        rows = last.seq - first.seq + 1
        record(actor=None, action="audit.cut", target=f"up to #{last.seq}", rows=rows, first_kept=last.seq + 1)
    return rows


STORES = (
    Store("feedback", purge=purge_feedback),
    Store("model_calls", purge=purge_model_calls, erase=disown_model_calls),
    Store("temporary", purge=purge_temporary),
    Store("answers", purge=blank_answers),
    Store("audit", purge=cut_record),
)
