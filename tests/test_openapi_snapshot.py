"""The public API is a promise: a change of it must be seen in a diff. `make test UPDATE_SNAPSHOT=1` accepts one."""

import json
import os
from pathlib import Path

from askacme.api import api

SNAPSHOT = Path(__file__).parent / "openapi.json"


def test_the_api_is_what_it_was() -> None:
    now = json.dumps(api.get_openapi_schema(), indent=1, sort_keys=True, default=str) + "\n"
    if os.environ.get("UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(now, encoding="utf-8")
    assert now == SNAPSHOT.read_text(encoding="utf-8")
