from pathlib import Path

import pytest

from askacme.lib.errors import ServiceUnavailable
from askacme.serve.locks import FileLock


def test_a_shared_lock_is_upgraded_only_by_the_last_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with FileLock(path) as first, FileLock(path) as second:
        assert first.take_at_once(shared=True)
        assert second.take_at_once(shared=True)
        assert not first.take_at_once()
        assert second.take_at_once()


def test_a_taken_lock_tells_who_holds_it(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock") as holder, FileLock(tmp_path / "lock") as other:
        assert holder.take_at_once()
        holder.note("pid 7")
        assert not other.take_at_once()
        assert other.read_note() == "pid 7"


def test_waiting_for_a_lock_ends(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock") as holder, FileLock(tmp_path / "lock") as other:
        holder.take_at_once()
        with pytest.raises(ServiceUnavailable):
            other.take(timeout_s=0.1)


def test_a_lock_in_a_file_instead_of_a_directory_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ServiceUnavailable, match="set ASKACME_VAR"):
        FileLock(tmp_path / "file" / "lock")
