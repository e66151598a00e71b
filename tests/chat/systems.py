"""Another company system, as a tool meets it: a real HTTP server that says what a test wants."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.contrib.auth.models import Group

from chat.tools.models import Connector

NOTHING: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
SUMMARY: dict[str, Any] = {
    "type": "object",
    "properties": {"summary": {"type": "string", "title": "What is wrong", "minLength": 3, "maxLength": 500}},
    "required": ["summary"],
    "additionalProperties": False,
}


@dataclass
class Heard:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class System:
    """`status`, `content` and `headers` are what it answers; `until` is waited for first."""

    url: str
    status: int = 200
    content: bytes = b'{"remaining_days": 17, "year": 2026}'
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    until: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)
    heard: list[Heard] = field(default_factory=list)

    def says(self, data: Any, status: int = 200) -> None:
        self.content, self.status = json.dumps(data).encode(), status


@contextmanager
def running_system() -> Iterator[System]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            system.heard.append(Heard(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            system.arrived.set()
            system.until.wait(20)
            self.send_response(system.status)
            for name, value in (system.headers | {"Content-Length": str(len(system.content))}).items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(system.content)
            except OSError:
                return  # whoever asked has hung up

        do_POST = do_GET  # noqa: N815  (the library's name)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the library's name)
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    system = System(f"http://127.0.0.1:{server.server_address[1]}")
    system.until.set()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield system
    finally:
        system.until.set()
        server.shutdown()
        server.server_close()


def build_connector(host: str, **fields: Any) -> Connector:
    """A look-up of vacation days, for everyone; not saved."""
    return Connector(
        **{
            "name": "vacation_balance",
            "title": "Vacation balance",
            "system": "HR system",
            "description": "The employee's vacation days.",
            "url": f"{host}/vacation",
            "arguments": NOTHING,
            "for_everyone": True,
            "answer_template": "You have {remaining_days} vacation days left in {year}.",
            "example_questions": "How many vacation days do I have left?\nWhat is my vacation balance?",
            **fields,
        }
    )


def build_ticket_connector(host: str, **fields: Any) -> Connector:
    """One that changes something; not saved."""
    return build_connector(
        host,
        **{
            "name": "open_ticket",
            "title": "Open a ticket",
            "description": "Opens a ticket with IT.",
            "method": "POST",
            "url": f"{host}/tickets",
            "arguments": SUMMARY,
            "changes_something": True,
            "answer_template": "Ticket {ticket} is open.",
            "example_questions": "Please open an IT ticket: my laptop does not start.",
            **fields,
        },
    )


def make_connector(host: str, *, groups: Sequence[Group] = (), **fields: Any) -> Connector:
    return saved(build_connector(host, **{"for_everyone": not groups, **fields}), groups)


def make_ticket_connector(host: str, *, groups: Sequence[Group] = (), **fields: Any) -> Connector:
    return saved(build_ticket_connector(host, **{"for_everyone": not groups, **fields}), groups)


def saved(connector: Connector, groups: Sequence[Group]) -> Connector:
    connector.save()
    connector.groups.set(groups)
    return Connector.objects.get(pk=connector.pk)
