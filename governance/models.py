"""The app's tables; each lives with its subject."""

from governance.access.models import ApiKey, User
from governance.audit.models import AuditAnchor, AuditedAnswer, AuditEvent, AuditLink, LegalHold, RetentionRule
from governance.disclosure.models import Reading
from governance.feedback.models import Feedback
from governance.gateway.limits.models import UsageLimit
from governance.gateway.models import Inference, ModelProvider
from governance.gateway.money.models import Budget, BudgetPeriod, Hold, Price
from governance.gateway.routing.models import RoutingExample, RoutingRule, ShippedRouting, TrainedRouter
from governance.guardrails.policies.models import DryRun, GuardPolicy, GuardRule
from governance.guardrails.reviews.models import AbuseAlert, BlockedAttack, GuardReview
from governance.prompts.releases.models import CanaryAnswer, Recipe, RecipePrompt, Release
from governance.prompts.suites.models import CaseResult, Suite, SuiteCase, SuiteOverride, SuiteRun
from governance.prompts.versions.models import Prompt, PromptVersion, ReviewComment

__all__ = [
    "AbuseAlert",
    "ApiKey",
    "AuditAnchor",
    "AuditEvent",
    "AuditLink",
    "AuditedAnswer",
    "BlockedAttack",
    "Budget",
    "BudgetPeriod",
    "CanaryAnswer",
    "CaseResult",
    "DryRun",
    "Feedback",
    "GuardPolicy",
    "GuardReview",
    "GuardRule",
    "Hold",
    "Inference",
    "LegalHold",
    "ModelProvider",
    "Price",
    "Prompt",
    "PromptVersion",
    "Reading",
    "Recipe",
    "RecipePrompt",
    "Release",
    "RetentionRule",
    "ReviewComment",
    "RoutingExample",
    "RoutingRule",
    "ShippedRouting",
    "Suite",
    "SuiteCase",
    "SuiteOverride",
    "SuiteRun",
    "TrainedRouter",
    "UsageLimit",
    "User",
]
