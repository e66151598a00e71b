"""The arguments of `manage.py serve`, read by its command and, before Django loads, by `manage.py`."""

from argparse import ArgumentParser, BooleanOptionalAction
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from askacme.config import Config


@dataclass(frozen=True)
class ServeOptions:
    host: str
    port: int
    demo: bool
    worker: bool

    @classmethod
    def of(cls, values: Mapping[str, Any], config: Config) -> Self:
        """`make run` always asks for the demo company; `ASKACME_DEMO=0` turns it off nevertheless."""
        return cls(
            host=values["host"],
            port=values["port"],
            demo=values["demo"] and config.demo,
            worker=not values["no_worker"],
        )

    @classmethod
    def parse(cls, arguments: Sequence[str], config: Config) -> Self:
        parser = ArgumentParser(prog="manage.py serve")
        add_arguments(parser, config)
        return cls.of(vars(parser.parse_known_args(arguments)[0]), config)

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the site."""
        return f"http://{f'[{self.local_host}]' if ':' in self.local_host else self.local_host}:{self.port}"

    @property
    def local_host(self) -> str:
        """The address to reach the server at from here, also when it listens on all of them."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104


def add_arguments(parser: ArgumentParser, config: Config) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this machine only)")
    parser.add_argument("--port", type=int, default=config.port, help="port of the web server (PORT, %(default)s)")
    parser.add_argument("--demo", action=BooleanOptionalAction, default=False, help="load the demo company first")
    parser.add_argument("--no-worker", action="store_true", help="run no Celery worker and no beat")
