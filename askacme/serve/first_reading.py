"""Reading what waits before the doors open, so that the first question finds the documents."""

import subprocess
import sys

from askacme.config import BASE_DIR
from askacme.serve.output import Log
from askacme.serve.processes import die_with_parent
from askacme.serve.programs import environment

COMMAND = (sys.executable, "manage.py", "read_documents")


def read_waiting_documents(log: Log) -> None:
    """
    Read all waiting documents in a process of their own, whose memory is free again afterwards.

    What it cannot finish is left to the worker.
    """
    with subprocess.Popen(
        COMMAND,
        cwd=BASE_DIR,
        env=environment(alone=True),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads here, and it is one system call
    ) as reading:
        for line in reading.stdout or ():
            log.say(line.rstrip())
