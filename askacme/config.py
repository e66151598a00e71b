"""
The one module that reads the environment.

Each field is one variable, named in its `alias` or `ASKACME_` + the field's name; the table in the README is held
complete by a test. A wrong value stops the start with a message that names the variable.
"""

import os
import re
import secrets
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from askacme.lib.urls import email_from_url

BASE_DIR = Path(__file__).resolve().parent.parent


class ProviderModels(BaseModel):
    """The provider's own names of its models, by cost tier."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fast: str = ""
    strong: str = ""
    backup: str = ""


Dollars = Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")]


class ModelPrice(BaseModel):
    """US dollars per million tokens. Left out: cached input costs as much as input, and so do writes to the cache."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Dollars
    output: Dollars
    cached_input: Dollars | None = None
    cache_write: Dollars | None = None


class ProviderConfig(BaseModel):
    """
    One entry of `ASKACME_LLM_PROVIDERS`. Providers are tried in the order in which they stand.

    `timeout_s` is the patience for the first token and between tokens, `hedge_after_s` when another model is asked
    beside a slow one. The limits are what the provider allows: calls are paced to stay below.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=60)
    kind: Literal["openai", "anthropic", "reader"]
    base_url: str = ""
    api_key: SecretStr = SecretStr("")
    api_version: str = ""
    models: ProviderModels = ProviderModels()
    prices: dict[str, ModelPrice] = {}
    streams: bool = True
    timeout_s: float = Field(default=30, gt=0)
    total_timeout_s: float = Field(default=300, gt=0)
    hedge_after_s: float | None = Field(default=None, gt=0)
    context_tokens: int | None = Field(default=None, ge=1)
    requests_per_minute: int | None = Field(default=None, ge=1)
    tokens_per_minute: int | None = Field(default=None, ge=1)
    max_concurrent: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def remote_is_complete(self) -> Self:
        if self.kind == "openai" and not self.base_url:
            raise ValueError(f"provider {self.name!r} of kind 'openai' needs 'base_url' and 'models'")
        if self.kind != "reader" and not any(self.models.model_dump().values()):
            raise ValueError(f"provider {self.name!r} of kind {self.kind!r} needs 'base_url' and 'models'")
        return self


class EmbeddingModelConfig(BaseModel):
    """
    One entry of `ASKACME_EMBEDDING_MODELS`: a model in a folder (`path`), or at an OpenAI-compatible `base_url`.

    The prefixes are what the model's card says stands before a text. The rest is for models at an address, the part
    before `/embeddings`. `model` is the provider's own name, the entry's unless it is given; `dimension` the length of
    its vectors, which `shorten` asks for (text-embedding-3 and others can). `max_tokens` is the most that a passage may
    hold, `batch_size` how many texts one call carries, `timeout_s` how long it may take. `price` is in US dollars per
    million tokens; the price table's unless it is given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path | None = None
    query_prefix: str = ""
    passage_prefix: str = ""
    base_url: str = ""
    api_key: SecretStr = SecretStr("")
    api_version: str = ""
    model: str = Field(default="", max_length=120)
    dimension: int | None = Field(default=None, ge=1, le=4000)
    shorten: bool = False
    max_tokens: int = Field(default=512, ge=96, le=8192)
    batch_size: int = Field(default=32, ge=1, le=96)
    price: Dollars | None = None
    timeout_s: float = Field(default=30, gt=0)

    @field_validator("api_key")
    @classmethod
    def can_stand_in_a_header(cls, key: SecretStr) -> SecretStr:
        if not (key.get_secret_value().isascii() and key.get_secret_value().isprintable()):
            raise ValueError("the key holds characters that no key has")
        return key

    @model_validator(mode="after")
    def is_in_one_place(self) -> Self:
        if (self.path is None) == (not self.base_url):
            raise ValueError("an embedding model has either a 'path' or a 'base_url'")
        if self.base_url and not self.base_url.startswith(("http://", "https://")):
            raise ValueError("'base_url' begins with http:// or https://")
        if self.base_url and self.dimension is None:
            raise ValueError("an embedding model with a 'base_url' needs its 'dimension'")
        return self


class Config(BaseSettings):
    """AskAcme's settings, read once at start. Sizes in bytes, times in seconds."""

    model_config = SettingsConfigDict(
        env_prefix="ASKACME_", frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True
    )

    port: int = Field(default=8000, ge=1, le=65535, alias="PORT", description="Port of the web server.")
    var: Path = Field(
        default=BASE_DIR / "var",
        description="Where uploaded files and the embedded services keep their data.",
    )
    database_url: str = Field(
        default="",
        alias="DATABASE_URL",
        description="PostgreSQL with pgvector; empty starts an embedded one.",
    )
    redis_url: str = Field(
        default="", alias="REDIS_URL", description="Redis 6.2 or newer; empty starts an embedded one."
    )
    demo: bool = Field(default=True, description="Load the demo company when `make run` starts; 0 turns it off.")
    debug: bool = Field(default=False, description="Django's debug pages; never on a machine that others reach.")
    secret_key: SecretStr = Field(
        default=SecretStr(""), description="Signs sessions; empty keeps a random one in `ASKACME_VAR`."
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("localhost", "127.0.0.1", "[::1]"),
        description="Host names the site answers to, comma separated.",
    )
    public_url: str = Field(
        default="",
        description="The site's address as people see it, e.g. https://ask.example.com; turns on HTTPS rules.",
    )
    llm_providers: tuple[ProviderConfig, ...] = Field(
        default=(),
        description="JSON list of model providers, tried in order; empty uses the built-in reader.",
    )
    contact: str = Field(
        default="the HR team",
        description="Whom to ask when the documents hold no answer and no owner is near.",
    )
    email_url: SecretStr = Field(
        default=SecretStr(""),
        description="Server for e-mail, e.g. smtp://user:password@mail.example.com:587; empty sends none.",
    )
    email_from: str = Field(default="askacme@localhost", description="Sender of e-mails.")
    max_question_chars: int = Field(default=5000, ge=1, description="Longest question, in characters.")
    max_upload_bytes: int = Field(default=50 * 1024 * 1024, ge=1, description="Largest file that can be uploaded.")
    parse_timeout_s: float = Field(
        default=300, gt=0, le=1800, description="How long reading one file may take; long scans take longest."
    )
    parse_memory_bytes: int = Field(
        default=1024 * 1024 * 1024,
        ge=256 * 1024 * 1024,
        description="How much memory reading one file may use.",
    )
    sync_allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Hosts inside the private network (`host` or `host:port`, comma separated) that may be synced.",
    )
    embedding_engine: Literal["auto", "bfloat16", "int8", "float32"] = Field(
        default="auto",
        description="Arithmetic of the embedding model and the reranker: `bfloat16`, `int8`, `float32`, or by the CPU.",
    )
    embedding_models: dict[str, EmbeddingModelConfig] = Field(
        default={},
        description="JSON object of further embedding models: name → `path` of a sentence-transformers folder, or "
        "`base_url`, `api_key`, `model` and `dimension` of an OpenAI-compatible endpoint; `query_prefix`, "
        "`passage_prefix`.",
    )
    reranker: str = Field(
        default="",
        description="Folder of a sentence-transformers cross-encoder that reranks what is found; empty does without.",
    )
    nli_model: str = Field(
        default="",
        description="Folder of a cross-encoder for natural language inference that checks answers against "
        "their sources; empty compares meanings by embeddings.",
    )
    unproved: Literal["mark", "strike"] = Field(
        default="mark",
        description="Sentences that no source proves: `mark` shows them as such, `strike` leaves them out.",
    )
    rate_limits: Literal["on", "off"] = Field(
        default="on", description="`off` limits nobody, whatever the console says: for load tests."
    )
    smallest_group: int = Field(
        default=5, ge=2, description="Managers see figures about people only in groups of at least so many."
    )
    names_model: str = Field(
        default="", description="spaCy model that finds people's names to hide, if one is installed; empty hides none."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Least level logged.")

    @model_validator(mode="before")
    @classmethod
    def split_hosts(cls, values: dict[str, object]) -> dict[str, object]:
        for name in ("allowed_hosts", "sync_allowed_hosts"):
            hosts = values.get(name)
            if isinstance(hosts, str):
                values[name] = tuple(host.strip().lower() for host in hosts.split(",") if host.strip())
        return values

    @field_validator("llm_providers")
    @classmethod
    def has_each_name_once(cls, providers: tuple[ProviderConfig, ...]) -> tuple[ProviderConfig, ...]:
        names = [provider.name for provider in providers]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two providers have the name {', '.join(map(repr, twice))}: give each its own")
        return providers

    @field_validator("email_url")
    @classmethod
    def is_a_mail_server(cls, url: SecretStr) -> SecretStr:
        email_from_url(url.get_secret_value())
        return url

    @cached_property
    def files_dir(self) -> Path:
        return self.var / "files"

    def signing_key(self) -> str:
        """The secret key: from the environment, or a random one that is kept in `var/secret_key`."""
        if self.secret_key.get_secret_value():
            return self.secret_key.get_secret_value()
        kept = self.var / "secret_key"
        if not kept.exists():
            self.var.mkdir(parents=True, exist_ok=True)
            fresh = os.open(kept, os.O_CREAT | os.O_WRONLY, 0o600)
            os.write(fresh, secrets.token_urlsafe(48).encode())
            os.close(fresh)
        return kept.read_text()


def load() -> Config:
    """
    Read and validate the environment.

    Raises SystemExit with one line per wrong variable.
    """
    try:
        return Config()
    except ValidationError as error:
        lines = [f"{variable_name(item['loc'])}: {item['msg']}" for item in error.errors()]
    except SettingsError as error:  # names the field only in its words; its cause says what is wrong with the JSON
        field = re.search(r'field "(\w+)"', str(error))
        lines = [f"{variable_name((field[1],) if field else ())}: no valid JSON: {error.__cause__}"]
    raise SystemExit("AskAcme's settings are wrong:\n  " + "\n  ".join(lines))


def variable_name(location: tuple[int | str, ...]) -> str:
    """The environment variable behind a pydantic error's location, with the path inside it."""
    first, *rest = [str(part) for part in location] or ["?"]
    field = Config.model_fields.get(first)
    name = first if first.isupper() else (field.alias if field and field.alias else f"ASKACME_{first.upper()}")
    return " → ".join([name, *rest])
