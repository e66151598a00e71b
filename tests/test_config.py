"""The environment, read at start: what is wrong is said in one line that names the variable."""

import json

import pytest

from askacme.config import load

SMALL = {"name": "small", "kind": "openai", "base_url": "http://models.example/v1", "models": {"fast": "m"}}


@pytest.mark.parametrize("variable", ["ASKACME_LLM_PROVIDERS", "ASKACME_EMBEDDING_MODELS"])
def test_broken_json_is_said_to_be_broken(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, '[{"name": "x", "api_key": "sk-secret"')
    with pytest.raises(SystemExit, match=f"{variable}: no valid JSON: Expecting ',' delimiter: line 1") as caught:
        load()
    assert "sk-secret" not in str(caught.value)


def test_two_providers_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASKACME_LLM_PROVIDERS", json.dumps([SMALL, SMALL | {"name": "other"}, SMALL]))
    with pytest.raises(SystemExit, match=r"ASKACME_LLM_PROVIDERS: .*two providers have the name 'small'"):
        load()


def test_providers_are_read_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASKACME_LLM_PROVIDERS", json.dumps([SMALL, SMALL | {"name": "other"}]))
    assert [provider.name for provider in load().llm_providers] == ["small", "other"]
