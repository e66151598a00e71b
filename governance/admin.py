"""The console's screens; each lives with its subject."""

from governance.access import admin as access
from governance.audit import admin as audit
from governance.gateway import admin as gateway
from governance.gateway.limits import admin as limits
from governance.gateway.money import admin as money
from governance.gateway.routing import admin as routing
from governance.guardrails.policies import admin as policies
from governance.guardrails.reviews import admin as reviews
from governance.prompts.releases import admin as releases
from governance.prompts.suites import admin as suites
from governance.prompts.versions import admin as prompts

__all__ = [
    "access",
    "audit",
    "gateway",
    "limits",
    "money",
    "policies",
    "prompts",
    "releases",
    "reviews",
    "routing",
    "suites",
]
