"""Entailment by a natural language inference model; off unless a folder is set."""

from pathlib import Path

import numpy as np
import pytest
import torch
from pytest_django import Settings
from transformers import BertForSequenceClassification

from askacme.lib.errors import ModelUnavailable
from governance.gateway.entail import Entailer, entailer
from tests.governance import tiny_models
from tests.governance.test_embeddings import set_config

PAIRS = [("leave is sixteen weeks long", "leave is long"), ("leave is long", "how many days may i take off")]


def nli_model(folder: Path, *labels: str, favours: int | None = None) -> Path:
    """`favours` is a label that it nearly always gives."""
    torch.manual_seed(3)
    names = dict(enumerate(labels))
    config = tiny_models.config(num_labels=len(labels), id2label=names, label2id={v: k for k, v in names.items()})
    model = BertForSequenceClassification(config)
    if favours is not None:
        model.classifier.bias.data[favours] += 20
    tiny_models.save(model, folder)
    return folder


def test_the_share_of_the_label_for_entailment_is_read(tmp_path: Path) -> None:
    first = Entailer(nli_model(tmp_path / "a", "ENTAILMENT", "neutral", "contradiction")).score(PAIRS)
    last = Entailer(nli_model(tmp_path / "b", "contradiction", "neutral", "entailment")).score(PAIRS)
    assert first.shape == (2,)
    assert ((first > 0) & (first < 1)).all()
    assert not np.allclose(first, last)
    assert (first + last < 1).all()


def test_no_pairs_have_no_scores(tmp_path: Path) -> None:
    assert Entailer(tmp_path / "nothing").score([]).shape == (0,)


def test_there_is_none_unless_a_folder_is_set(settings: Settings) -> None:
    set_config(settings, nli_model="")
    assert entailer() is None


def test_a_wrong_folder_names_the_variable(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="ASKACME_NLI_MODEL"):
        Entailer(tmp_path / "nothing").score(PAIRS)


def test_a_model_without_that_label_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no label for entailment"):
        Entailer(nli_model(tmp_path / "c", "yes", "no")).score(PAIRS)
