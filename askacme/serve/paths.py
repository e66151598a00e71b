"""Where the embedded services live under `ASKACME_VAR`, and where their sockets fit."""

import tempfile
from pathlib import Path

MAX_SOCKET_PATH = 100
"""The kernel takes 107 characters; PostgreSQL's lock beside the socket needs five more."""


def socket_dirs(var: Path) -> tuple[Path, Path]:
    """
    The directories of PostgreSQL's and Redis' sockets: the data directories, private to their owners.

    Where that path is too long for a socket, a short one under the temporary directory. Which one is written
    down in `var`, because another process may see another temporary directory. Call it under the start lock.
    """
    postgres, redis = var / "postgres", var / "redis"
    if max(len(str(postgres)), len(str(redis))) + len("/.s.PGSQL.5432") <= MAX_SOCKET_PATH:
        return postgres, redis
    record = var / "socket_dir"
    short = Path(record.read_text()) if record.exists() else None
    if short is None or not short.is_dir():
        short = Path(tempfile.mkdtemp(prefix="askacme-"))
        short.chmod(0o711)  # as root, PostgreSQL runs as another user and has to reach its own directory in here
        record.write_text(str(short))
    return short / "postgres", short / "redis"
