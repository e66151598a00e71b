"""Whose turn it is, how workers are woken, and the page that shows it."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from celery.app.task import Task
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kombu.exceptions import OperationalError

from governance.access.models import User
from governance.access.roles import ensure_roles
from governance.audit.models import AuditEvent
from knowledge.documents.models import STALLED_AFTER, Document, DocumentVersion
from knowledge.documents.services import AudienceChoice, upload
from knowledge.ingest import queue, run
from knowledge.ingest.tasks import read_next_version, resume_stalled
from knowledge.ingest.turns import first_in_line, in_fair_order, positions
from tests.cast import bearer, make_user, upload_text

pytestmark = pytest.mark.django_db
QUEUE = "/admin/knowledge/document/queue/"


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """The `expires` of the messages to the workers that were sent."""
    sent: list[float | None] = []

    def note(_task: Task[Any, Any], *_arguments: object, expires: float | None = None, **_named: object) -> None:
        sent.append(expires)

    monkeypatch.setattr(Task, "apply_async", note)
    cache.clear()
    return sent


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of what was read, in that order; reading itself is left out."""
    paths: list[str] = []

    def note(version: DocumentVersion) -> None:
        paths.append(version.document.path)
        DocumentVersion.objects.filter(pk=version.pk).update(state="ready", text="read")

    monkeypatch.setattr(run, "read", note)
    return paths


def put(path: str, person: User | None) -> DocumentVersion:
    audience = AudienceChoice(for_everyone=True)
    return upload(file=io.BytesIO(path.encode()), path=path, audience=audience, owner=person, actor=person).version


def everything_is_read() -> None:
    while run.read_next():
        pass


def test_one_person_s_many_files_do_not_hold_up_another_s_single_one(read: list[str], ana: User, ben: User) -> None:
    for number in range(5):
        put(f"ana-{number}.md", ana)
    assert run.read_next()
    put("ben.md", ben)
    everything_is_read()
    assert read == ["ana-0.md", "ben.md", "ana-1.md", "ana-2.md", "ana-3.md", "ana-4.md"]


def test_imports_share_one_turn(read: list[str], ana: User) -> None:
    for number in range(3):
        put(f"import-{number}.md", None)
    put("ana-0.md", ana)
    put("ana-1.md", ana)
    everything_is_read()
    assert read == ["import-0.md", "ana-0.md", "import-1.md", "ana-1.md", "import-2.md"]


def test_who_was_served_last_goes_last(read: list[str], ana: User, ben: User) -> None:
    put("ana-0.md", ana)
    everything_is_read()
    put("ana-1.md", ana)
    put("ben.md", ben)
    everything_is_read()
    assert read == ["ana-0.md", "ben.md", "ana-1.md"]


def test_what_is_not_due_is_passed_over(read: list[str], ana: User) -> None:
    later = put("later.md", ana)
    DocumentVersion.objects.filter(pk=later.pk).update(retry_at=timezone.now() + timedelta(minutes=1))
    put("now.md", ana)
    everything_is_read()
    assert read == ["now.md"]
    assert positions([later]) == {}


people = st.integers(0, 3)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(waiting=st.lists(people, min_size=1, max_size=12), served=st.lists(people, max_size=6))
def test_positions_say_in_which_order_files_are_taken_up(
    read: list[str], waiting: list[int], served: list[int]
) -> None:
    DocumentVersion.objects.all().delete()
    Document.objects.all().delete()
    users = [User.objects.get_or_create(email=f"{number}@acme.example")[0] for number in range(3)]
    names = map(str, count())
    of = [*users, None]
    for person in served:
        put(next(names), of[person])
        everything_is_read()
    read.clear()
    versions = [put(next(names), of[person]) for person in waiting]
    order = in_fair_order()
    assert order[0] == first_in_line()
    assert positions(versions) == {pk: place for place, pk in enumerate(order, 1)}
    everything_is_read()
    path_of = {version.pk: version.document.path for version in versions}
    assert read == [path_of[pk] for pk in order]


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_never_take_the_same_one(ana: User) -> None:
    for number in range(12):
        put(f"{number}.md", ana if number % 2 else None)

    def claim_all(_worker: int) -> list[int]:
        taken = []
        try:
            while (version_id := first_in_line()) is not None:
                if version := run.claim(version_id):
                    taken.append(version.pk)
        finally:
            connections.close_all()
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [pk for each in pool.map(claim_all, range(4)) for pk in each]
    assert len(taken) == 12
    assert len(set(taken)) == 12


def test_a_few_messages_are_enough_for_many_files(messages: list[float | None], ana: User) -> None:
    for number in range(30):
        queue.enqueue(put(f"{number}.md", ana).pk)
    assert len(messages) == queue.MESSAGES


def test_a_worker_passes_the_message_on_while_more_waits(messages: list[float | None], read: list[str]) -> None:
    upload_text("# A", path="a.md")
    upload_text("# B", path="b.md")
    read_next_version()
    assert (read, len(messages)) == (["a.md"], 1)
    read_next_version()
    read_next_version()
    assert (read, len(messages)) == (["a.md", "b.md"], 1)


def test_with_the_broker_down_an_upload_is_accepted_and_found_by_the_sweep(
    monkeypatch: pytest.MonkeyPatch, messages: list[float | None]
) -> None:
    def refuse(*_arguments: object, **_named: object) -> None:
        raise OperationalError("Connection refused")

    with monkeypatch.context() as broken:
        broken.setattr(Task, "apply_async", refuse)
        queue.enqueue(upload_text().pk)
    resume_stalled()
    assert len(messages) == 1


def test_the_sweep_wakes_workers_for_lost_messages_only(messages: list[float | None], read: list[str]) -> None:
    for number in range(3):
        upload_text(f"# {number}", path=f"{number}.md")
    resume_stalled()
    assert messages == [queue.SWEEP_EVERY.total_seconds()] * 3
    run.read_next()
    messages.clear()
    resume_stalled()
    assert messages == [], "a worker is at it"


def test_the_sweep_frees_what_a_dead_worker_left_and_wakes_another(messages: list[float | None]) -> None:
    version = upload_text()
    run.claim(version.pk)
    DocumentVersion.objects.update(
        heartbeat_at=timezone.now() - 2 * STALLED_AFTER, started_at=timezone.now() - 2 * STALLED_AFTER
    )
    resume_stalled()
    version.refresh_from_db()
    assert (version.state, len(messages)) == ("queued", 1)


def test_a_retry_that_is_due_wakes_a_worker(messages: list[float | None]) -> None:
    upload_text()
    DocumentVersion.objects.update(retry_at=timezone.now() + timedelta(seconds=30))
    resume_stalled()
    assert messages == []
    DocumentVersion.objects.update(retry_at=timezone.now())
    resume_stalled()
    assert len(messages) == 1


# The page


@pytest.fixture
def living_worker(messages: list[float | None]) -> None:
    queue.worker_was_here()


def test_the_page_shows_what_waits_with_its_place_and_uploader(
    console: Client, living_worker: None, ana: User, ben: User
) -> None:
    for number in range(3):
        put(f"ana-{number}.md", ana)
    put("ben.md", ben)
    waiting = console.get(QUEUE).context["queue"].waiting
    assert [(line.position, line.version.document.path, line.uploaded_by, line.words) for line in waiting] == [
        (1, "ana-0.md", "Ana", "Next."),
        (2, "ben.md", "Ben", "1 before it."),
        (3, "ana-1.md", "Ana", "2 before it."),
        (4, "ana-2.md", "Ana", "3 before it."),
    ]


def test_the_page_says_that_no_worker_answers(console: Client, messages: list[float | None]) -> None:
    upload_text()
    page = console.get(QUEUE).content.decode()
    assert "No worker answers" in page
    queue.worker_was_here()
    assert "No worker answers" not in console.get(QUEUE).content.decode()


def test_the_page_says_why_and_when_something_is_tried_again(console: Client, living_worker: None) -> None:
    version = upload_text()
    claimed = run.claim(version.pk)
    assert claimed is not None
    run.try_later(claimed, "The model is away.", "model_unavailable", attempts=3)
    version.refresh_from_db()
    assert version.retry_at is not None
    page = console.get(QUEUE).content.decode()
    assert f"Tried again at {version.retry_at:%H:%M:%S}, for the second time. The model is away." in page


def test_the_page_shows_what_is_in_work(console: Client, living_worker: None) -> None:
    version = upload_text()
    run.claim(version.pk)
    DocumentVersion.objects.update(state="embedding", progress=40, attempts=2)
    page = console.get(QUEUE).content.decode()
    assert "Indexing" in page
    assert 'value="40"' in page
    assert "last sign of life 0 s ago. Second attempt." in page


def test_the_page_shows_what_failed_lately_and_why(console: Client, living_worker: None) -> None:
    old, new = upload_text("# Old", path="old.md"), upload_text("# New", path="new.md")
    DocumentVersion.objects.update(state="failed", error="no text found (a scan?)")
    DocumentVersion.objects.filter(pk=old.pk).update(heartbeat_at=timezone.now() - timedelta(days=2))
    failed = console.get(QUEUE).context["queue"].failed
    assert [line.version for line in failed] == [new]
    assert "no text found (a scan?)" in console.get(QUEUE).content.decode()


def test_the_page_asks_for_itself_and_htmx_gets_only_what_changes(console: Client, living_worker: None) -> None:
    whole, part = (
        console.get(QUEUE).content.decode(),
        console.get(QUEUE, headers={"HX-Request": "true"}).content.decode(),
    )
    assert f'hx-get="{QUEUE}"' in whole
    assert "<html" in whole
    assert part.lstrip().startswith('<div id="console-queue"')


def test_a_long_queue_costs_no_more_than_a_short_one(
    console: Client, living_worker: None, ana: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        put(f"{number}.md", ana)
    console.get(QUEUE)
    with django_assert_max_num_queries(16):
        page = console.get(QUEUE).content.decode()
    assert "And 10 more behind these." in page


def test_cancelling_and_trying_again_from_the_page(console: Client, hr: User, living_worker: None) -> None:
    version = upload_text()
    assert console.post(f"{QUEUE}{version.pk}/cancel/")["Location"] == QUEUE
    version.refresh_from_db()
    assert (version.state, version.error_code) == ("failed", "cancelled")
    assert "Cancelled by Hr." in console.get(QUEUE).content.decode()
    console.post(f"{QUEUE}{version.pk}/retry/")
    version.refresh_from_db()
    assert (version.state, version.error) == ("queued", "")
    acts = AuditEvent.objects.filter(actor=hr).values_list("action", flat=True)
    assert set(acts) == {"document.cancel", "document.retry"}


def test_cancelling_what_was_finished_meanwhile_says_so(console: Client, living_worker: None) -> None:
    version = upload_text()
    DocumentVersion.objects.update(state="ready", text="x")
    page = console.post(f"{QUEUE}{version.pk}/cancel/", follow=True).content.decode()
    assert "was finished already" in page


def test_a_document_s_page_cancels_too(console: Client) -> None:
    version = upload_text()
    response = console.post(f"/admin/knowledge/document/versions/{version.pk}/cancel/")
    assert response["Location"].endswith(f"/document/{version.document_id}/change/")
    version.refresh_from_db()
    assert version.error_code == "cancelled"


def test_the_list_s_progress_names_the_place(console: Client, ana: User) -> None:
    put("a.md", ana)
    version = put("b.md", ana)
    page = console.get("/admin/knowledge/document/progress/", {"version": version.pk}).content.decode()
    assert "position 2" in page


def test_the_api_names_the_place(client: Client, hr: User) -> None:
    put("a.md", hr)
    version = put("b.md", hr)
    found = client.get(f"/api/v1/documents/{version.document_id}", headers=bearer(hr)).json()
    assert (found["state"], found["position"]) == ("queued", 2)


@pytest.mark.parametrize(
    "act", [lambda url, client: client.get(url), lambda url, client: client.post(f"{url}1/cancel/")]
)
def test_cleo_sees_and_does_nothing_even_as_staff(client: Client, act: Callable[[str, Client], Any]) -> None:
    version = upload_text()
    client.force_login(make_user("cleo@acme.example", is_staff=True))
    response = act(QUEUE.replace("1", str(version.pk)), client)
    assert response.status_code == 403
    assert version.document.title not in response.content.decode()
    version.refresh_from_db()
    assert version.state == "queued"


def test_who_may_only_look_gets_no_buttons(client: Client, living_worker: None) -> None:
    version = upload_text()
    looker = make_user("looker@acme.example", is_staff=True)
    looker.user_permissions.set([p for p in ensure_roles()["HR"].permissions.all() if p.codename == "view_document"])
    client.force_login(looker)
    assert "/cancel/" not in client.get(QUEUE).content.decode()
    assert client.post(f"{QUEUE}{version.pk}/cancel/").status_code == 403
