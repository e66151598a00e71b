import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from askacme.lib.errors import Conflict, ServiceUnavailable
from askacme.serve import preflight
from askacme.serve.options import ServeOptions
from tests.serve.running import free_port


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def options(host: str = "127.0.0.1") -> ServeOptions:
    return ServeOptions(host=host, port=free_port(), demo=False, worker=True)


def test_only_one_serve_runs_on_a_directory(tmp_path: Path) -> None:
    first = options()
    with (
        preflight.sole_serve(tmp_path, first),
        pytest.raises(Conflict, match=first.url),
        preflight.sole_serve(tmp_path, options()),
    ):
        pytest.fail("a second one was let in")
    with preflight.sole_serve(tmp_path, options()):
        assert first.url not in (tmp_path / "serve.lock").read_text()


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10, 10, 0))
    with pytest.raises(ServiceUnavailable, match="The disk is full: 0 MB"):
        preflight.require_room(tmp_path)


def test_a_foreign_address_is_named() -> None:
    with pytest.raises(ServiceUnavailable, match="leave --host out"):
        preflight.require_free_port("192.0.2.1", free_port())


@pytest.mark.parametrize(("host", "url"), [("0.0.0.0", "http://127.0.0.1:"), ("::", "http://[::1]:")])
def test_the_address_shown_works_on_this_machine(host: str, url: str) -> None:
    assert options(host).url.startswith(url)
