"""The processes that `serve` runs, and the environment they get."""

import os
import sys
from dataclasses import dataclass

from askacme.demo.hr_place import HOST, HrPlace
from askacme.serve.options import ServeOptions


@dataclass(frozen=True)
class Program:
    """
    A process to keep alive.

    `stop_timeout_s` is how long it may take to end after SIGTERM; the worker finishes its tasks in that time.
    One that starts `after_ready` leaves the processor to the web server until people can reach that.
    """

    name: str
    command: tuple[str, ...]
    stop_timeout_s: float
    after_ready: bool = False


def programs_for(options: ServeOptions, log_level: str, hr: HrPlace | None = None) -> list[Program]:
    """
    In the order in which they are stopped: beat asks for work, web takes it in, worker does it.

    `hr` is where the demo's HR service listens; answers ask it, so it ends last.
    """
    web = Program("web", web_command(options), stop_timeout_s=5)
    service = [Program("hr", hr_command(hr), stop_timeout_s=5, after_ready=True)] if hr else []
    if not options.worker:
        return [web, *service]
    # As root, Celery advises against root with eight lines; who runs it so has reasons (a container).
    quiet = ("-W", "ignore:You're running the worker:UserWarning")
    celery = (sys.executable, *quiet, "-m", "celery", "--quiet", "-A", "askacme")
    beat = Program("beat", (*celery, "beat", "--loglevel", log_level, "--pidfile="), stop_timeout_s=5, after_ready=True)
    # Threads share one copy of the embedding model. Gossip and mingle are for clusters and cost a second.
    pool = ("--pool", "threads", "--without-gossip", "--without-mingle")
    worker = Program("worker", (*celery, "worker", "--loglevel", log_level, *pool), stop_timeout_s=20, after_ready=True)
    return [beat, web, worker, *service]


def web_command(options: ServeOptions) -> tuple[str, ...]:
    address = ("-b", options.host, "-p", str(options.port))
    return (sys.executable, "-m", "daphne", "-v", "0", *address, "askacme.asgi:application")


def hr_command(place: HrPlace) -> tuple[str, ...]:
    address = ("-b", HOST, "-p", str(place.port))
    return (sys.executable, "-m", "daphne", "-v", "0", *address, "askacme.demo.hr_asgi:application")


def environment(*, alone: bool = False) -> dict[str, str]:
    """
    The environment of the programs; what the person who starts them has set wins.

    Web and worker share the processors by halves, so that reading documents never slows an answer; a program that
    runs `alone` has them all.
    """
    cpus = os.cpu_count() or 2
    threads = cpus if alone else max(1, min(4, cpus // 2))
    defaults = {
        "DJANGO_SETTINGS_MODULE": "askacme.settings",
        "PYTHONUNBUFFERED": "1",
        # glibc would keep one heap per thread, oneDNN a plan per shape of batch, and never give them back: without
        # these a worker that reads 300 documents grows to 2 GiB, with them it stays below 1, a tenth slower.
        "MALLOC_ARENA_MAX": "2",
        "MALLOC_MMAP_THRESHOLD_": "1048576",
        "MALLOC_TRIM_THRESHOLD_": "16777216",
        "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64",
        "OMP_NUM_THREADS": str(threads),
        "OMP_WAIT_POLICY": "PASSIVE",  # threads that wait for each other must not burn what the database needs
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }
    return defaults | os.environ
