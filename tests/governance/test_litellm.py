"""
Against LiteLLM's proxy, which we did not write: its OpenAI and its Anthropic route, mocked and as a translator.

`make test` installs it into `build/litellm`, an environment of its own. Where that is missing these tests are skipped,
except in CI (`CI` is set there), where a missing one is an error. It may call nobody: every address but the loopback's
leads to a proxy that isn't there.
"""

import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from governance.gateway.faults import Fault
from governance.gateway.providers.wire import Timeouts
from governance.gateway.types import ChatMessage, ToolCall, ToolSpec
from tests.llm.asking import FORMATS, REQUEST, failed, make_provider, told
from tests.llm_simulator import Reply, Simulator, running_simulator

PROXY = Path(__file__).parents[2] / "build" / "litellm" / "bin" / "litellm"
KEY = "sk-litellm-master"
TEXT = "Parental leave is 16 weeks [1]."
PATIENT = Timeouts(first_token_s=20, idle_s=20, total_s=60)
DAYS = ToolSpec("vacation_days", "Days left.", {"type": "object", "properties": {"year": {"type": "integer"}}})

MOCKED = {
    "mock": TEXT,
    "limited": "litellm.RateLimitError",
    "broken": "litellm.InternalServerError",
    "long": "litellm.ContextWindowExceededError",
}

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class LiteLlm:
    base_url: str
    behind: Simulator
    """Who answers for the model `translated`."""


@pytest.fixture(scope="module")
def litellm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiteLlm]:
    if not PROXY.exists():
        reason = "LiteLLM isn't installed: `make test` does it, or `make build/litellm/installed`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("litellm")
    with running_simulator() as behind:
        (home / "config.yaml").write_text(json.dumps(config(behind)), encoding="utf-8")
        port = free_port()
        with running_proxy(home, port):
            yield LiteLlm(f"http://127.0.0.1:{port}/v1", behind)


def config(behind: Simulator) -> dict[str, Any]:
    """JSON is YAML as well."""
    models = [
        {
            "model_name": name,
            "litellm_params": {"model": f"openai/{name}", "api_key": "none", "mock_response": response},
        }
        for name, response in MOCKED.items()
    ]
    translated = {"model": "hosted_vllm/small", "api_key": "sim", "api_base": behind.base_url}
    return {
        "model_list": [*models, {"model_name": "translated", "litellm_params": translated}],
        "general_settings": {"master_key": KEY},
        "litellm_settings": {"telemetry": False, "num_retries": 0},
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_proxy(home: Path, port: int) -> Iterator[None]:
    """LiteLLM's proxy, ready to be asked."""
    nowhere = "http://127.0.0.1:9"
    with subprocess.Popen(
        [PROXY, "--config", home / "config.yaml", "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"],
        cwd=home,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "HTTP_PROXY": nowhere,
            "HTTPS_PROXY": nowhere,
            "NO_PROXY": "127.0.0.1",
            "PYTHONUNBUFFERED": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        said = []
        for line in process.stdout:
            said.append(line)
            if "Uvicorn running on" in line:
                break
        else:
            pytest.fail("LiteLLM didn't start: " + "".join(said[-20:]))
        drain = threading.Thread(target=process.stdout.read)  # a full pipe would stop it
        drain.start()
        try:
            yield
        finally:
            process.terminate()
            drain.join(20)


@pytest.fixture(params=FORMATS)
def wire_format(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[True, False], ids=["streamed", "whole"])
def streams(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


async def test_a_mocked_answer_comes_whole(litellm: LiteLlm, wire_format: str, streams: bool) -> None:
    answer = await told(
        make_provider(wire_format, litellm.base_url, streams=streams, timeouts=PATIENT, api_key=KEY, model="mock")
    )
    assert (answer.text, answer.completed.finish, answer.completed.is_estimated) == (TEXT, "stop", False)
    assert answer.completed.input_tokens > 0


@pytest.mark.parametrize(
    ("model", "fault"),
    [
        ("limited", Fault.RATE_LIMITED),
        ("broken", Fault.OVERLOADED),
        ("long", Fault.CONTEXT_TOO_LONG),
        ("unknown", Fault.UNKNOWN_MODEL),
    ],
)
async def test_a_mocked_error_gets_its_name(
    litellm: LiteLlm, wire_format: str, streams: bool, model: str, fault: Fault
) -> None:
    provider = make_provider(wire_format, litellm.base_url, streams=streams, timeouts=PATIENT, api_key=KEY, model=model)
    assert (await failed(provider)).error.fault is fault


@pytest.mark.parametrize("api_key", ["sk-not-the-one", "no-key-at-all"])
async def test_a_wrong_key_is_unauthorized(litellm: LiteLlm, wire_format: str, api_key: str) -> None:
    provider = make_provider(wire_format, litellm.base_url, timeouts=PATIENT, api_key=api_key, model="mock")
    error = (await failed(provider)).error
    assert error.fault is Fault.UNAUTHORIZED
    assert api_key not in str(error)


async def test_a_translated_answer_comes_whole(litellm: LiteLlm, wire_format: str, streams: bool) -> None:
    litellm.behind.script = [Reply(text="Grüße aus Zürich 🎉 [1].", cached_tokens=600)]
    provider = make_provider(
        wire_format, litellm.base_url, streams=streams, timeouts=PATIENT, api_key=KEY, model="translated"
    )
    answer = await told(provider)
    assert answer.text == "Grüße aus Zürich 🎉 [1]."
    assert (answer.completed.input_tokens, answer.completed.cached_input_tokens) == (1000, 600)


async def test_tools_survive_the_translation(litellm: LiteLlm, wire_format: str, streams: bool) -> None:
    litellm.behind.script = [Reply(text="", tool_calls=(("vacation_days", '{"year": 2026}'),))]
    provider = make_provider(
        wire_format, litellm.base_url, streams=streams, timeouts=PATIENT, api_key=KEY, model="translated"
    )
    asked = (ChatMessage("assistant", "", (ToolCall("a", "vacation_days", "{}"),)), ChatMessage("tool", "12", (), "a"))
    answer = await told(provider, replace(REQUEST, messages=REQUEST.messages + asked, tools=(DAYS,)))
    (call,) = answer.completed.tool_calls
    assert (call.name, call.arguments.replace(" ", "")) == ("vacation_days", '{"year":2026}')
    assert answer.completed.finish == "tool_calls"
    assert litellm.behind.requests[-1]["messages"][-1]["content"] == "12"
