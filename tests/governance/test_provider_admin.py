"""Model providers in the console."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from governance.access.models import User
from governance.audit.models import AuditEvent
from governance.gateway.models import Inference, ModelProvider
from governance.gateway.registry import deployments
from tests.cast import make_user
from tests.llm import replies
from tests.llm_simulator import Reply, Simulator, running_simulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]
LIST = "/admin/governance/modelprovider/"
KEY = "sk-top-secret-1"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def boss(client: Client) -> User:
    boss = make_user("boss@acme.example", is_staff=True, is_superuser=True)
    client.force_login(boss)
    return boss


def fields(**overrides: object) -> dict[str, object]:
    given = {
        "name": "acme",
        "kind": "openai",
        "base_url": "http://127.0.0.1:9/v1",
        "fast_model": "small",
        "position": 0,
        "timeout_s": 5,
        "streams": "on",
        "is_active": "on",
    }
    return given | overrides


def change_url(row: ModelProvider) -> str:
    return f"{LIST}{row.pk}/change/"


def make_provider(**overrides: object) -> ModelProvider:
    given = {"name": "acme", "kind": "openai", "base_url": "http://127.0.0.1:9/v1", "fast_model": "small"}
    return ModelProvider.objects.create(**given | overrides)


@pytest.mark.usefixtures("boss")
def test_a_key_goes_in_and_never_comes_out(client: Client) -> None:
    client.post(f"{LIST}add/", fields(new_api_key=KEY))
    row = ModelProvider.objects.get()
    assert row.api_key.open() == KEY
    pages = [client.get(url).content.decode() for url in (LIST, change_url(row), f"{LIST}{row.pk}/history/")]
    assert KEY not in "".join(pages)
    assert row.api_key.token not in "".join(pages)
    assert "A key is stored" in pages[1]


@pytest.mark.usefixtures("boss")
def test_an_empty_key_field_keeps_the_key_and_a_switch_removes_it(client: Client) -> None:
    row = make_provider(api_key=KEY)
    client.post(change_url(row), fields(fast_model="other"))
    row.refresh_from_db()
    assert (row.fast_model, row.api_key.open()) == ("other", KEY)
    client.post(change_url(row), fields(remove_api_key="on"))
    row.refresh_from_db()
    assert not row.api_key


@pytest.mark.usefixtures("boss")
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"fast_model": ""}, "Name at least one model."),
        ({"base_url": ""}, "An OpenAI-compatible server needs its address."),
        ({"base_url": "ftp://x"}, "Enter a valid URL."),
        ({"new_api_key": "sk-1\u200b"}, "A key has only plain letters"),
    ],
)
def test_what_is_wrong_is_said(client: Client, wrong: dict[str, object], said: str) -> None:
    page = client.post(f"{LIST}add/", fields(**wrong)).content.decode()
    assert said in page.replace("&#x27;", "'")
    assert not ModelProvider.objects.exists()


def test_each_act_is_on_record_without_the_key(client: Client, boss: User) -> None:
    client.post(f"{LIST}add/", fields(new_api_key=KEY))
    event = AuditEvent.objects.get(action="model_provider.create")
    assert (event.actor, event.target) == (boss, "acme")
    assert KEY not in str(vars(event))


async def test_a_row_is_asked_after_those_of_the_environment() -> None:
    await ModelProvider.objects.acreate(name="acme", kind="anthropic", fast_model="small", strong_model="large")
    assert [each.id for each in await deployments()] == ["acme/small", "acme/large"]


@pytest.mark.usefixtures("boss")
def test_the_test_asks_each_model_and_says_how_it_went(client: Client, simulator: Simulator) -> None:
    simulator.script = [Reply(text="ready"), replies.EXPIRED_KEY]
    row = make_provider(base_url=simulator.base_url, strong_model="large", api_key=KEY)
    page = client.post(f"{LIST}{row.pk}/test/", follow=True).content.decode()
    assert "small (fast) answers, in" in page
    assert "large (strong) does not answer" in page
    assert KEY not in page
    assert {(call.purpose, call.status) for call in Inference.objects.all()} == {("test", "success"), ("test", "error")}


def test_cleo_sees_no_provider_whatever_rights_she_was_given(client: Client) -> None:
    row = make_provider()
    cleo = make_user("cleo@acme.example", is_staff=True)
    cleo.user_permissions.set(Permission.objects.filter(content_type__model="modelprovider"))
    client.force_login(cleo)
    urls = (LIST, change_url(row), f"{LIST}add/")
    assert [client.get(url).status_code for url in urls] == [403, 403, 403]
    assert client.post(f"{LIST}{row.pk}/test/").status_code == 403
