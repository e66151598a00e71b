"""Where the demo's HR service listens, and the key it asks for: kept under `ASKACME_VAR`, for both sides."""

import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

HOST = "127.0.0.1"
FILE = "demo_hr.json"


@dataclass(frozen=True, slots=True)
class HrPlace:
    port: int
    key: str

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


def place_in(var: Path) -> HrPlace | None:
    """Where the service was last put; None when it never was."""
    try:
        return HrPlace(**json.loads((var / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def settle_in(var: Path, *, near_port: int) -> HrPlace:
    """
    The same place as before if it is free; else the port after `near_port`, else any free one.

    The key is made once. Whoever may read `var` may read it: there lie the secret key and the database, too.
    """
    before = place_in(var)
    wanted = [*([before.port] if before else []), near_port + 1]
    place = HrPlace(next(filter(is_free, wanted), 0) or any_free(), before.key if before else secrets.token_urlsafe(32))
    if place != before:
        write(var / FILE, place)
    return place


def write(file: Path, place: HrPlace) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as kept:  # noqa: PTH123
        json.dump(asdict(place), kept)


def is_free(port: int) -> bool:
    try:
        with socket.create_server((HOST, port)):
            return True
    except (OSError, OverflowError):
        return False


def any_free() -> int:
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])
