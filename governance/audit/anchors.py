"""
Anchors: the chain's head, signed with the secret key every hour.

Whoever can write to the database could compute the chain anew. Without the secret key they can't sign anchors, so what
was on record before the latest of them stays provable. Anchors are logged as well: a log kept elsewhere shows
when the latest of them were removed together with the rows.
"""

import hmac
import logging

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
    signature = signatures(kind, link.seq, link.hash)[0]
    return AuditAnchor.objects.create(kind=kind, seq=link.seq, hash=link.hash, signature=signature)


def is_genuine(anchor: AuditAnchor) -> bool:
    """Whether this installation signed it, with the secret key of now or one that it had before."""
    known = signatures(anchor.kind, anchor.seq, anchor.hash)
    return any(hmac.compare_digest(signature, anchor.signature) for signature in known)


def signatures(kind: str, seq: int, link_hash: str) -> list[str]:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    signed = f"{kind}:{seq}:{link_hash}"
    return [salted_hmac(PURPOSE, signed, secret=str(key), algorithm="sha256").hexdigest() for key in keys]
