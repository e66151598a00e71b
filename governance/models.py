"""The app's tables; each lives with its subject."""

from governance.access.models import ApiKey, User
from governance.audit.models import AuditEvent
from governance.feedback.models import Feedback
from governance.gateway.limits.models import UsageLimit
from governance.gateway.models import Inference, ModelProvider
from governance.gateway.money.models import Budget, BudgetPeriod, Hold, Price
from governance.gateway.routing.models import RoutingExample, RoutingRule, ShippedRouting, TrainedRouter

__all__ = [
    "ApiKey",
    "AuditEvent",
    "Budget",
    "BudgetPeriod",
    "Feedback",
    "Hold",
    "Inference",
    "ModelProvider",
    "Price",
    "RoutingExample",
    "RoutingRule",
    "ShippedRouting",
    "TrainedRouter",
    "UsageLimit",
    "User",
]
