import pytest
from django.test import Client

from askacme import health


def test_healthz_touches_nothing(client: Client) -> None:
    # without the django_db mark, any query fails the test
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_readyz_names_what_is_missing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(health.CHECKS, "embedding_model")  # takes seconds to load
    answer = client.get("/readyz")
    assert answer.status_code == 503
    body = answer.json()
    assert body["status"] == "degraded"
    assert [name for name, check in body["checks"].items() if not check["ok"]] == ["worker"]
    assert body["checks"]["migrations"]["detail"] == "all applied"


def test_a_failure_shows_no_address() -> None:
    def broken() -> str:
        raise OSError("cannot reach postgresql://user:secret@db")

    check = health.run("database", broken)
    assert not check.ok
    assert check.detail == "no answer (OSError)"


def test_a_dependency_that_hangs_does_not_hang_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Event

    release = Event()
    monkeypatch.setattr(health, "ALL_TIMEOUT_S", 0.1)
    monkeypatch.setattr(health, "CHECKS", {"redis": lambda: str(release.wait(10))})
    try:
        assert not health.run_checks()["redis"].ok
    finally:
        release.set()
