"""The configured providers, in the order in which they are tried."""

from decimal import Decimal

from django.conf import settings

from governance.gateway.providers.openai import OpenAiProvider, Price
from governance.gateway.providers.reader import ReaderProvider
from governance.gateway.types import Provider


def providers() -> tuple[Provider, ...]:
    """From `ASKACME_LLM_PROVIDERS`; the reader alone when there are none."""
    found: list[Provider] = []
    for config in settings.ASKACME.llm_providers:
        if config.models is None:
            found.append(ReaderProvider(config.name))
        else:
            prices = {model: Price(Decimal(p.input), Decimal(p.output)) for model, p in config.prices.items()}
            found.append(
                OpenAiProvider(
                    name=config.name,
                    base_url=config.base_url,
                    models=config.models.model_dump(exclude_defaults=True),
                    api_key=config.api_key.get_secret_value(),
                    prices=prices,
                    timeout_s=config.timeout_s,
                )
            )
    return tuple(found) or (ReaderProvider(),)
