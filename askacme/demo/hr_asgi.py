"""The process of the demo's HR service; `serve --demo` has written down beforehand where it listens."""

from askacme.config import load
from askacme.demo.hr_place import place_in
from askacme.demo.hr_service import HrService

config = load()
place = place_in(config.var)
if place is None:
    raise SystemExit("The demo's HR service has no place yet: `manage.py serve --demo` gives it one.")
application = HrService(key=place.key, database_url=config.database_url)
