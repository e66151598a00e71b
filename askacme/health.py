"""
Is it alive, and is it ready? For load balancers, and for people at three in the morning.

`/healthz` touches nothing: it answers as long as the process does. `/readyz` asks each dependency, in parallel and
bounded in time, past the connection pools, so that a busy site is not called broken.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from functools import cache

import psycopg
import redis
from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

from governance.gateway.embeddings import embedder

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 2
WORKER_TIMEOUT_S = 1.0
ALL_TIMEOUT_S = 3.0


class NotReady(Exception):
    """A dependency answers, but isn't as it should be; the message is shown."""


@dataclass(frozen=True)
class Check:
    """`ms` is how long the check took."""

    ok: bool
    detail: str
    ms: int


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    checks = run_checks()
    ready = all(check.ok for check in checks.values())
    body = {
        "status": "ok" if ready else "degraded",
        "checks": {name: asdict(check) for name, check in checks.items()},
    }
    return JsonResponse(body, status=200 if ready else 503)


def run_checks() -> dict[str, Check]:
    threads = ThreadPoolExecutor(len(CHECKS), thread_name_prefix="readyz")
    pending = {name: threads.submit(run, name, check) for name, check in CHECKS.items()}
    wait(pending.values(), ALL_TIMEOUT_S)
    threads.shutdown(wait=False)
    return {name: outcome(future) for name, future in pending.items()}


def run(name: str, check: Callable[[], str]) -> Check:
    """The reason of a failure goes to the log: an error's text may hold addresses that are nobody's business."""
    started = time.monotonic()
    try:
        ok, detail = True, check()
    except NotReady as reason:
        ok, detail = False, str(reason)
    except Exception as error:
        logger.warning("Not ready: %s: %s", name, error)
        ok, detail = False, f"no answer ({type(error).__name__})"
    return Check(ok, detail, round((time.monotonic() - started) * 1000))


def outcome(future: Future[Check]) -> Check:
    if future.done():
        return future.result()
    return Check(ok=False, detail=f"no answer within {ALL_TIMEOUT_S:.0f} s", ms=round(ALL_TIMEOUT_S * 1000))


def query(sql: str) -> list[tuple[object, ...]]:
    parameters = {**connection.get_connection_params(), "connect_timeout": CONNECT_TIMEOUT_S}
    with psycopg.connect(**parameters) as fresh:
        return fresh.execute(sql).fetchall()


def database() -> str:
    return f"PostgreSQL {query('SHOW server_version')[0][0]}"


def migrations() -> str:
    missing = known_migrations() - set(query("SELECT app, name FROM django_migrations"))
    if missing:
        raise NotReady(f"{len(missing)} not applied: run manage.py migrate")
    return "all applied"


@cache
def known_migrations() -> frozenset[tuple[object, ...]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.nodes)


def vector() -> str:
    found = query("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    if not found:
        raise NotReady("the database lacks the extension: CREATE EXTENSION vector")
    return f"pgvector {found[0][0]}"


def redis_server() -> str:
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=CONNECT_TIMEOUT_S,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )
    with client:
        return f"Redis {client.info('server')['redis_version']}"


def worker() -> str:
    """One worker that answers is enough; the first answer ends the wait."""
    answers = current_app.control.ping(timeout=WORKER_TIMEOUT_S, limit=1)
    if not answers:
        raise NotReady("no Celery worker answers: documents wait to be read")
    return "answers"


def embedding_model() -> str:
    """Loads the model where that has not happened; meanwhile the check runs out of time and fails."""
    started = time.monotonic()
    model = embedder()
    model.embed_query("ready?")
    return f"{model.name}, {model.engine}, {(time.monotonic() - started) * 1000:.0f} ms for one question"


CHECKS: dict[str, Callable[[], str]] = {
    "database": database,
    "migrations": migrations,
    "vector": vector,
    "redis": redis_server,
    "worker": worker,
    "embedding_model": embedding_model,
}
