import os
import signal
from pathlib import Path

import psycopg
import pytest
import redis

from askacme.lib.errors import ServiceUnavailable
from askacme.serve.embedded import ServiceUrls, at, running_services, stop
from askacme.serve.processes import send, working_in

NOBODY = ServiceUrls("", "")


def started(var: Path, starts: list[str] | None = None) -> ServiceUrls:
    """The URLs after one use of the services."""
    note = starts if starts is not None else []
    with running_services(var, NOBODY, on_start=lambda: note.append("start"), durable=False) as urls:
        with psycopg.connect(urls.database) as connection:
            connection.execute("SELECT '[1]'::vector")
        with redis.Redis.from_url(urls.redis) as client:
            client.ping()
    return urls


def test_the_last_to_leave_stops_the_services(var: Path) -> None:
    starts: list[str] = []
    with running_services(var, NOBODY, on_start=lambda: starts.append("start"), durable=False):
        started(var, starts)
        assert all(service.is_running() for service in at(var))
    assert starts == ["start"]
    assert not any(service.is_running() for service in at(var))


def test_a_server_of_ones_own_is_used_and_not_started(var: Path) -> None:
    external = ServiceUrls("postgresql://elsewhere/db", "redis://elsewhere/0")
    with running_services(var, external, on_start=lambda: pytest.fail("started"), durable=False) as urls:
        assert urls == external
    assert list(var.iterdir()) == []


def test_killed_servers_start_again_beside_a_program_that_got_their_process_id(var: Path) -> None:
    started(var)
    (var / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{var / 'postgres'}\n1\n5432\n\n\n1 1\nready\n")
    (var / "redis" / "redis.sock").touch()
    started(var)


def test_rows_and_keys_survive_a_kill(var: Path) -> None:
    with running_services(var, NOBODY, on_start=lambda: None) as urls:
        with psycopg.connect(urls.database) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        with redis.Redis.from_url(urls.redis) as client:
            client.set("kept", 7)
        for process in [*working_in(var / "postgres", "postgres"), *working_in(var / "redis", "redis-server")]:
            send(process, signal.SIGKILL)
        stop([*at(var)])
    with running_services(var, NOBODY, on_start=lambda: None) as urls:
        with psycopg.connect(urls.database) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
        with redis.Redis.from_url(urls.redis) as client:
            assert client.get("kept") == b"7"


def test_an_unfinished_data_directory_is_set_aside_and_never_deleted(var: Path) -> None:
    (var / "postgres" / "base").mkdir(parents=True)
    (var / "postgres" / "base" / "rows").write_text("precious")
    started(var)
    (aside,) = var.glob("postgres.broken-*")
    assert (aside / "base" / "rows").read_text() == "precious"


def test_a_damaged_redis_history_is_mended_and_kept_as_it_was(var: Path) -> None:
    (var / "redis").mkdir()
    kept = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"
    (var / "redis" / "appendonly.aof").write_bytes(kept + b"garbage" + kept)
    with running_services(var, NOBODY, on_start=lambda: None, durable=False) as urls:
        client = redis.Redis.from_url(urls.redis)
        assert client.get("a") == b"1"
        client.close()
    assert len(list((var / "redis").glob("damaged-*.aof"))) == 1


def test_a_path_too_long_for_a_socket_gets_a_short_one(var: Path) -> None:
    long = var / ("x" * 100)
    urls = started(long)
    assert str(long) not in urls.redis
    assert started(long) == urls
    short = Path((long / "socket_dir").read_text())
    for directory in (*short.iterdir(), short):
        for left in directory.glob("*sock*"):
            left.unlink()
        directory.rmdir()


def test_postgresql_says_why_it_did_not_start(var: Path) -> None:
    started(var)
    with (var / "postgres" / "postgresql.conf").open("a") as conf:
        conf.write("max_connections = many\n")
    with pytest.raises(ServiceUnavailable, match="PostgreSQL did not start: pg_ctl: "):
        started(var)
