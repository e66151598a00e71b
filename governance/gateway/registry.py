"""The configured providers and their models: those of `ASKACME_LLM_PROVIDERS` first, then the console's."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

from django.conf import settings
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from askacme.lib.sealed import Unreadable
from askacme.lib.threads import in_thread
from governance.gateway.models import ModelProvider
from governance.gateway.money.prices import rate_of
from governance.gateway.providers.anthropic import AnthropicProvider
from governance.gateway.providers.openai import OpenAiProvider
from governance.gateway.providers.reader import ReaderProvider
from governance.gateway.providers.wire import Timeouts
from governance.gateway.types import Provider, Rate, Tier

FRESH_S = 3.0
"""How long a process may go on with the providers it knows, after somebody changed them in another."""

TOTAL_TIMEOUT_S = 300.0

TIERS: tuple[Tier, ...] = ("fast", "strong", "backup")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a provider lets one do; None is no limit."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    max_concurrent: int | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """One model at one provider: what a call goes to, and what can break by itself."""

    provider: Provider
    tier: Tier
    model: str
    allowance: Allowance = field(default_factory=Allowance)
    context_tokens: int | None = None
    hedge_after_s: float | None = None
    rate: Rate | None = None

    @property
    def id(self) -> str:
        return f"{self.provider.name}/{self.model}"


def deployments_of(provider: Provider, **more: Any) -> tuple[Deployment, ...]:
    """A provider's models, one deployment for each tier that it names."""
    return tuple(Deployment(provider, tier, model, **more) for tier in TIERS if (model := provider.models.get(tier)))


async def deployments() -> tuple[Deployment, ...]:
    """All of them, in the order in which providers are tried; the reader's alone when nothing is configured."""
    return _known.found if _known.is_fresh else await in_thread(_known.look)


def plan(tier: Tier, among: Sequence[Deployment]) -> list[Deployment]:
    """
    In which order to ask: each provider's model of the tier, then the backups.

    A provider without a model of that tier stands in with its nearest. Each deployment comes once.
    """
    wanted: tuple[Tier, ...] = ("strong", "fast") if tier == "strong" else ("fast", "strong")
    chosen = []
    for name in dict.fromkeys(deployment.provider.name for deployment in among):
        own = {deployment.tier: deployment for deployment in among if deployment.provider.name == name}
        chosen += [own[step] for step in wanted if step in own][:1]
    backups = [deployment for deployment in among if deployment.tier == "backup"]
    return list({deployment.id: deployment for deployment in [*chosen, *backups]}.values())


async def deployments_at(providers: Sequence[Provider]) -> tuple[Deployment, ...]:
    """Of these providers and no others."""
    return await in_thread(priced, [each for provider in providers for each in deployments_of(provider)])


def priced(found: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """With today's prices, where the provider's own configuration has none."""
    today = datetime.now(UTC).date()
    return tuple(
        each if each.rate else replace(each, rate=rate_of(each.provider.name, each.model, on=today)) for each in found
    )


class _Known:
    """What this process knows, for a few seconds; with today's prices."""

    def __init__(self) -> None:
        self.found: tuple[Deployment, ...] = ()
        self._until = 0.0
        self._config: object = None

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() < self._until and self._config is settings.ASKACME

    def look(self) -> tuple[Deployment, ...]:
        self.found = priced([*from_environment(), *from_rows()] or deployments_of(ReaderProvider()))
        self._config, self._until = settings.ASKACME, time.monotonic() + FRESH_S
        return self.found

    def forget(self) -> None:
        self._until = 0.0


_known = _Known()


@receiver([post_save, post_delete], sender=ModelProvider)
def forget_known(**_: object) -> None:
    _known.forget()


def from_environment() -> list[Deployment]:
    found: list[Deployment] = []
    for config in settings.ASKACME.llm_providers:
        timeouts = timeouts_of(config.timeout_s, config.total_timeout_s, streams=config.streams)
        models = cast("Mapping[Tier, str]", {tier: name for tier, name in config.models.model_dump().items() if name})
        provider = provider_of(
            config.kind,
            name=config.name,
            base_url=config.base_url,
            models=models,
            api_key=config.api_key.get_secret_value(),
            timeouts=timeouts,
            streams=config.streams,
            api_version=config.api_version,
        )
        own = {model: rate_from(price) for model, price in config.prices.items()}
        found += [
            replace(deployment, rate=own.get(deployment.model))
            for deployment in deployments_of(
                provider,
                allowance=Allowance(config.requests_per_minute, config.tokens_per_minute, config.max_concurrent),
                context_tokens=config.context_tokens,
                hedge_after_s=config.hedge_after_s,
            )
        ]
    return found


def from_rows() -> list[Deployment]:
    """The console's providers; one of the environment's hides a row of the same name."""
    taken = {config.name for config in settings.ASKACME.llm_providers}
    found: list[Deployment] = []
    for row in ModelProvider.objects.filter(is_active=True).exclude(name__in=taken):
        found += deployments_of(
            provider_of_row(row),
            allowance=Allowance(row.requests_per_minute, row.tokens_per_minute, row.max_concurrent),
            context_tokens=row.context_tokens,
            hedge_after_s=row.hedge_after_s,
        )
    return found


def provider_of_row(row: ModelProvider) -> Provider:
    """A key that can't be opened any more counts as none: the provider then says that it is missing."""
    models: dict[Tier, str] = {"fast": row.fast_model, "strong": row.strong_model, "backup": row.backup_model}
    try:
        api_key = row.api_key.open()
    except Unreadable:
        api_key = ""
    return provider_of(
        row.kind,
        name=row.name,
        base_url=row.base_url,
        models={tier: name for tier, name in models.items() if name},
        api_key=api_key,
        timeouts=timeouts_of(row.timeout_s, TOTAL_TIMEOUT_S, streams=row.streams),
        streams=row.streams,
        api_version=row.api_version,
    )


def timeouts_of(timeout_s: float, total_s: float, *, streams: bool) -> Timeouts:
    """An answer in one piece may take twice the patience for a first token."""
    total_s = total_s if streams else min(total_s, 2 * timeout_s)
    return Timeouts(first_token_s=timeout_s, idle_s=timeout_s, total_s=total_s)


def provider_of(kind: str, *, name: str, base_url: str, api_version: str, **more: Any) -> Provider:
    if kind == "reader":
        return ReaderProvider(name)
    if kind == "anthropic":
        return AnthropicProvider(name=name, base_url=base_url, **more)
    return OpenAiProvider(name=name, base_url=base_url, api_version=api_version, **more)


def rate_from(price: Any) -> Rate:
    given = Decimal(price.input)
    return Rate(
        input=given,
        output=Decimal(price.output),
        cached_input=given if price.cached_input is None else Decimal(price.cached_input),
        cache_write=given if price.cache_write is None else Decimal(price.cache_write),
    )
