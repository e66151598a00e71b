"""Models of a few thousand random weights, as sentence-transformers saves them: nothing is downloaded."""

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing
from transformers import BertConfig, BertForSequenceClassification, BertModel, PreTrainedModel

WORDS = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "##s", ".", "?", "a", "b", "c"),
    *("leave", "is", "sixteen", "weeks", "long", "how", "many", "days", "may", "i", "take", "off"),
]
MAX_TOKENS = 16
WIDTH = 64


def write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def write_tokenizer(folder: Path) -> None:
    tokenizer = Tokenizer(WordPiece({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = BertProcessing(("[SEP]", WORDS.index("[SEP]")), ("[CLS]", WORDS.index("[CLS]")))
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    write_json(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "BertTokenizer", "model_max_length": MAX_TOKENS, **special},
    )


def config(**overrides: Any) -> BertConfig:
    """Weights of this spread make states that depend on the words, as trained ones do."""
    shape: dict[str, Any] = {
        "hidden_size": WIDTH,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 128,
    }
    limits = {"vocab_size": len(WORDS), "max_position_embeddings": 32, "initializer_range": 0.2}
    return BertConfig(**{**shape, **limits, **overrides})


def save(model: PreTrainedModel, folder: Path) -> None:
    model.save_pretrained(folder)
    write_tokenizer(folder)


def embedding_model(folder: Path, *, pooling: str = "mean", **overrides: Any) -> Path:
    torch.manual_seed(1)
    save(BertModel(config(**overrides)), folder)
    types = ("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")
    modules = [
        {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for place, (kind, path) in enumerate(types)
    ]
    write_json(folder / "modules.json", modules)
    modes = {f"pooling_mode_{mode}": mode.startswith(pooling) for mode in ("mean_tokens", "cls_token", "max_tokens")}
    write_json(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": WIDTH, **modes})
    return folder


def cross_encoder(folder: Path, **overrides: Any) -> Path:
    torch.manual_seed(2)
    save(BertForSequenceClassification(config(num_labels=1, **overrides)), folder)
    return folder
