"""Writing the audit trail. Call inside the transaction of the act, so that neither exists without the other."""

from governance.access.models import User
from governance.audit.models import AuditEvent


def record(*, actor: User | None, action: str, target: str, **details: object) -> AuditEvent:
    """
    Put one act on record. `action` is `<subject>.<verb>`; `details` must be JSON values, and hold no secret.

    What an act changes stands there as `before` and `after`, both by field. A verb that leaves no doubt what was before
    (pin, revoke, cancel) needs neither; what people wrote for themselves is told by its length.
    """
    return AuditEvent.objects.create(
        actor=actor,
        actor_email=actor.email if actor else "",
        action=action,
        target=target[:200],
        details=details,
    )
