"""
Anchors: the chain's head, signed with the secret key every hour.

Whoever can write to the database could compute the chain anew. Without the secret key they can't sign anchors, so what
was on record before the latest of them stays provable. Anchors are logged as well: a log kept elsewhere shows
when the latest of them were removed together with the rows.
"""

import hmac
import logging
from datetime import UTC

from django.conf import settings
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from governance.audit.models import AuditAnchor, AuditLink

logger = logging.getLogger(__name__)

PURPOSE = "askacme audit anchor"


def anchor_head() -> AuditAnchor | None:
    """Sign the chain as it stands; None when nothing was added since the last time."""
    with transaction.atomic():
        with connection.cursor() as cursor:  # two at once would sign the same place
            cursor.execute("LOCK governance_auditanchor IN SHARE ROW EXCLUSIVE MODE")
        head = AuditLink.objects.order_by("-seq").first()
        if head is None or AuditAnchor.objects.filter(kind=AuditAnchor.Kind.HEAD, seq__gte=head.seq).exists():
            return None
        anchor = sign(AuditAnchor.Kind.HEAD, head)
    logger.warning("Audit anchor: %s:%s", anchor.seq, anchor.hash)
    return anchor


def sign(kind: AuditAnchor.Kind, link: AuditLink) -> AuditAnchor:
    anchor = AuditAnchor(kind=kind, seq=link.seq, hash=link.hash)
    anchor.signature = signatures(anchor)[0]
    anchor.save(force_insert=True)
    return anchor


def is_genuine(anchor: AuditAnchor) -> bool:
    """Whether this installation signed it, with the secret key of now or one that it had before."""
    return any(hmac.compare_digest(signature, anchor.signature) for signature in signatures(anchor))


def signatures(anchor: AuditAnchor) -> list[str]:
    """With each key that is known, the one of now first."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    signed = f"{anchor.kind}:{anchor.seq}:{anchor.at.astimezone(UTC).isoformat()}:{anchor.hash}"
    return [salted_hmac(PURPOSE, signed, secret=str(key), algorithm="sha256").hexdigest() for key in keys]
