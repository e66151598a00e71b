"""The optional reranker: a cross-encoder behind one setting."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from askacme.config import EmbeddingModelConfig
from askacme.lib.errors import ModelUnavailable
from governance.gateway.rerank import Reranker, Scores, reranker
from tests.governance import tiny_models
from tests.governance.test_embeddings import set_config

QUESTION = "How many weeks?"
TEXTS = ["Leave is sixteen weeks long.", "a", "b c " * 30, "", "days off"]


def by_the_library(folder: Path) -> Scores:
    import torch
    from sentence_transformers import CrossEncoder

    model = CrossEncoder(str(folder), device="cpu")
    scores: Scores = model.predict([(QUESTION, text) for text in TEXTS], activation_fn=torch.nn.Sigmoid())
    return scores


@pytest.mark.parametrize(("engine", "tolerance"), [("float32", 1e-5), ("bfloat16", 0.05), ("int8", 0.05)])
def test_scores_are_the_librarys(tmp_path: Path, settings: Settings, engine: str, tolerance: float) -> None:
    folder = tiny_models.cross_encoder(tmp_path / "cross")
    set_config(settings, embedding_engine=engine)
    model = Reranker(folder)
    assert model.engine == engine
    np.testing.assert_allclose(model.score(QUESTION, TEXTS), by_the_library(folder), atol=tolerance)


def test_a_model_that_is_not_plain_bert_is_the_librarys(tmp_path: Path) -> None:
    folder = tiny_models.cross_encoder(tmp_path / "cross", hidden_act="relu")
    np.testing.assert_allclose(Reranker(folder).score(QUESTION, TEXTS), by_the_library(folder), atol=1e-5)


def test_scores_lie_between_0_and_1_and_differ(tmp_path: Path) -> None:
    scores = Reranker(tiny_models.cross_encoder(tmp_path / "cross")).score(QUESTION, TEXTS)
    assert scores.dtype == np.float32
    assert ((scores > 0) & (scores < 1)).all()
    assert len(set(scores.tolist())) > 1


def test_no_texts_have_no_scores(tmp_path: Path) -> None:
    assert Reranker(tiny_models.cross_encoder(tmp_path / "cross")).score(QUESTION, []).shape == (0,)


def test_threads_get_their_own_scores(tmp_path: Path, settings: Settings) -> None:
    set_config(settings, embedding_engine="float32")
    model = Reranker(tiny_models.cross_encoder(tmp_path / "cross"))
    with ThreadPoolExecutor(5) as threads:
        found = [*threads.map(lambda text: model.score(QUESTION, [text])[0], TEXTS * 5)]
    np.testing.assert_allclose(found, np.tile(model.score(QUESTION, TEXTS), 5), atol=1e-5)


def test_there_is_none_unless_a_folder_is_set(settings: Settings) -> None:
    set_config(settings, reranker="")
    assert reranker() is None


def test_the_setting_names_the_folder(tmp_path: Path, settings: Settings) -> None:
    set_config(settings, reranker=str(tiny_models.cross_encoder(tmp_path / "cross")))
    model = reranker()
    assert model is not None
    assert model is reranker()
    assert len(model.score(QUESTION, ["a"])) == 1


def test_a_wrong_folder_names_the_variable(tmp_path: Path, settings: Settings) -> None:
    set_config(settings, reranker=str(tmp_path / "nothing"))
    model = reranker()
    assert model is not None
    with pytest.raises(ModelUnavailable, match="ASKACME_RERANKER"):
        model.score(QUESTION, TEXTS)


def test_wrong_folders_are_told_at_start(tmp_path: Path, settings: Settings) -> None:
    wrong = EmbeddingModelConfig(path=tmp_path / "nothing")
    set_config(settings, reranker=str(tmp_path / "nothing"), embedding_models={"lost": wrong})
    errors = [str(error.msg) for error in run_checks() if error.id == "governance.E001"]
    assert [error.split(" names ")[0] for error in errors] == ["ASKACME_EMBEDDING_MODELS → lost", "ASKACME_RERANKER"]
