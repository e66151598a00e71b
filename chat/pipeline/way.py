"""How far an answer has come."""

from dataclasses import dataclass, field

from chat.pipeline.route import UNROUTED
from chat.pipeline.trace import Trace
from chat.pipeline.values import Condensed, Draft, Found
from governance.gateway.routing.services import Route


@dataclass(slots=True)
class Way:
    """
    What the stages have come to; what goes on record of it even when it comes no further.

    `given` are the passages that whoever words the answer got to read.
    """

    condensed: Condensed
    trace: Trace = field(default_factory=Trace)
    course: Route = UNROUTED
    given: Found = field(default_factory=Found)
    draft: Draft = field(default_factory=Draft)
