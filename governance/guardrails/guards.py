"""The input guards that every question meets."""

from governance.guardrails.harm import Harm
from governance.guardrails.injection import Injection
from governance.guardrails.topic import Topic
from governance.guardrails.values import Guard

GUARDS: tuple[Guard, ...] = (Injection(), Harm(), Topic())
