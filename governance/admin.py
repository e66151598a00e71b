"""The console's screens; each lives with its subject."""

from governance.access import admin as access
from governance.audit import admin as audit
from governance.gateway import admin as gateway

__all__ = ["access", "audit", "gateway"]
