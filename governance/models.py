"""The app's tables; each lives with its subject."""

from governance.access.models import ApiKey, User
from governance.audit.models import AuditEvent
from governance.gateway.models import Inference

__all__ = ["ApiKey", "AuditEvent", "Inference", "User"]
