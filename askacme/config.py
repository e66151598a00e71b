"""
The one module that reads the environment.

Each field is one variable, named in its `alias` or `ASKACME_` + the field's name; the table in the README is held
complete by a test. A wrong value stops the start with a message that names the variable.
"""

import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from askacme.lib.urls import email_from_url

BASE_DIR = Path(__file__).resolve().parent.parent


class ProviderModels(BaseModel):
    """The provider's own names of its models, by cost tier."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fast: str
    strong: str = ""


class ModelPrice(BaseModel):
    """US dollars per million tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")]
    output: Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")]


class ProviderConfig(BaseModel):
    """One entry of `ASKACME_LLM_PROVIDERS`. Providers are tried in the order in which they stand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    kind: Literal["openai", "reader"]
    base_url: str = ""
    api_key: SecretStr = SecretStr("")
    models: ProviderModels | None = None
    prices: dict[str, ModelPrice] = {}
    timeout_s: float = Field(default=60, gt=0)

    @model_validator(mode="after")
    def remote_has_an_address(self) -> Self:
        if self.kind != "reader" and not (self.base_url and self.models):
            raise ValueError(f"provider {self.name!r} of kind {self.kind!r} needs 'base_url' and 'models'")
        return self


class EmbeddingModelConfig(BaseModel):
    """One entry of `ASKACME_EMBEDDING_MODELS`; the prefixes are what the model's card says stands before a text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    query_prefix: str = ""
    passage_prefix: str = ""


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
        description="Server for reminders by e-mail, e.g. smtp://user:password@mail.example.com:587; empty sends none.",
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
        description="JSON object of further embedding models: name → `path` of a sentence-transformers folder, "
        "`query_prefix`, `passage_prefix`.",
    )
    reranker: str = Field(
        default="",
        description="Folder of a sentence-transformers cross-encoder that reranks what is found; empty does without.",
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
        raise SystemExit("AskAcme's settings are wrong:\n  " + "\n  ".join(lines)) from None


def variable_name(location: tuple[int | str, ...]) -> str:
    """The environment variable behind a pydantic error's location, with the path inside it."""
    first, *rest = [str(part) for part in location] or ["?"]
    field = Config.model_fields.get(first)
    name = first if first.isupper() else (field.alias if field and field.alias else f"ASKACME_{first.upper()}")
    return " → ".join([name, *rest])
