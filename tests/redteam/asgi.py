"""What daphne runs for the red team: `site.py` says how it differs from what `serve` runs."""

import os

from askacme.asgi import application
from tests.redteam.site import FLOORS, Floors, lower

__all__ = ["application"]

lower(Floors(os.environ[FLOORS]))
