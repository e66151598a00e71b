"""What a prompt costs: its tokens, and the money of one call, by the prices of the models as they are configured."""

from dataclasses import dataclass
from decimal import Decimal

from governance.gateway.money.estimate import MILLION, expected_input_tokens
from governance.gateway.providers.reader import ReaderProvider
from governance.gateway.registry import Deployment, deployments_of, from_environment, from_rows, plan, priced
from governance.gateway.types import ChatMessage, CompletionRequest, Tier
from governance.prompts.content import Content


@dataclass(frozen=True, slots=True)
class Estimate:
    """
    `tokens` is what the prompt itself takes, without passages, history and question.

    `input_usd` is the price of these at each call, `most_output_usd` that of the longest answer; None: nobody knows
    the model's price. `model` is the one that answers first today.
    """

    tokens: int
    model: str
    input_usd: Decimal | None
    most_output_usd: Decimal | None

    @property
    def most_usd(self) -> Decimal | None:
        if self.input_usd is None or self.most_output_usd is None:
            return None
        return self.input_usd + self.most_output_usd


def estimate(content: Content) -> Estimate:
    deployment = deployment_for(content.tier)
    request = CompletionRequest(messages=(ChatMessage("system", content.text),), question="")
    tokens = expected_input_tokens(request, deployment.model)
    rate = deployment.rate
    return Estimate(
        tokens=tokens,
        model=deployment.id,
        input_usd=tokens * rate.input / MILLION if rate else None,
        most_output_usd=content.max_output_tokens * rate.output / MILLION if rate else None,
    )


def deployment_for(tier: str) -> Deployment:
    """Where a call of the tier goes first. What the router decides goes to the fast one most of the time."""
    known = priced([*from_environment(), *from_rows()] or deployments_of(ReaderProvider()))
    wanted: Tier = "strong" if tier == "strong" else "fast"
    return plan(wanted, known)[0]
