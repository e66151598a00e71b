"""What AskAcme is made of, as it is really configured now: the model card and the data card of the page about it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from chat.escalation.models import inbox_group
from chat.transparency.keeping import Kept, kept
from chat.transparency.rules import Rules, in_words
from governance.access.audience import Audience
from governance.access.models import User
from governance.gateway.providers.reader import ReaderProvider
from governance.gateway.registry import Deployment, deployments
from governance.guardrails.classifiers.weights import CARD
from governance.guardrails.guards import GUARDS
from governance.guardrails.policy import policy_for
from governance.prompts.released import answer_prompt
from knowledge.audience.models import Collection
from knowledge.documents.models import Document
from knowledge.index.indexes import live_index


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """One model of one provider. `tiers` are what questions it is asked for: fast, strong, backup."""

    provider: str
    model: str
    tiers: tuple[str, ...]
    is_reader: bool


@dataclass(frozen=True, slots=True)
class GuardUsed:
    """One guard of questions; how good it is, where its card says so: shares of attacks found, of others stopped."""

    name: str
    version: str
    recall: float | None
    false_positives: float | None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What makes and checks the answers. `reranker` and `entailment` are empty where none is configured."""

    models: tuple[ModelUsed, ...]
    prompt: str
    embedding: str
    dimension: int
    reranker: str
    entailment: str
    unproved: str
    guards: tuple[GuardUsed, ...]
    limits: tuple[str, ...]

    @property
    def only_quotes(self) -> bool:
        """No model writes: the built-in reader quotes."""
        return all(model.is_reader for model in self.models)

    @property
    def writers(self) -> str:
        return ", ".join(sorted({model.provider for model in self.models if not model.is_reader}))


@dataclass(frozen=True, slots=True)
class DataCard:
    """What answers rest on, as far as the reader may see it; and what is kept of the reader."""

    documents: int
    collections: int
    languages: tuple[str, ...]
    newest: datetime | None
    kept: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class About:
    """`contact` is whom people reach when AskAcme does not know; `inbox` the group that gets such questions."""

    model: ModelCard
    data: DataCard
    rules: Rules
    contact: str
    inbox: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def about_for(user: User) -> About:
    everyones = policy_for(frozenset())
    own = policy_for(frozenset(user.groups.values_list("pk", flat=True)))
    group = inbox_group()
    return About(model_card(), data_card(user), in_words(own, everyones), _contact(), group.name if group else "")


def model_card() -> ModelCard:
    index, config = live_index(), settings.ASKACME
    return ModelCard(
        models=tuple(_models(async_to_sync(deployments)())),
        prompt=answer_prompt().version,
        embedding=index.model,
        dimension=index.dimension,
        reranker=_folder_name(config.reranker),
        entailment=_folder_name(config.nli_model),
        unproved=config.unproved,
        guards=tuple(_guards()),
        limits=tuple(limits()),
    )


def data_card(user: User) -> DataCard:
    audience = Audience.of(user)
    readable = Document.objects.visible_to(audience).in_force().exclude(current=None)
    spoken = readable.order_by("current__language").values_list("current__language", flat=True).distinct()
    return DataCard(
        documents=readable.count(),
        collections=Collection.objects.filter(documents__in=readable).distinct().count(),
        languages=tuple(name.capitalize() for name in spoken if name != "simple"),
        newest=readable.aggregate(newest=Max("current__published_at"))["newest"],
        kept=tuple(kept()),
    )


def limits() -> Iterator[str]:
    """What it can't do, for people to know."""
    yield _("It knows only what the documents say, and only those that you may read. It may miss one.")
    yield _("It may misread a table, a picture or a rule with many exceptions. Look at the passage before you act.")
    yield _("It decides nothing: not about leave, pay, hiring or conduct. People do.")
    yield _("It gives no legal, medical or financial advice.")


def _models(found: Sequence[Deployment]) -> Iterator[ModelUsed]:
    """In the order in which they are asked; a model that serves two tiers once."""
    for (provider, model), same in groupby(found, key=lambda each: (each.provider.name, each.model)):
        alike = list(same)
        is_reader = isinstance(alike[0].provider, ReaderProvider)
        yield ModelUsed(provider, model, tuple(each.tier for each in alike), is_reader)


def _guards() -> Iterator[GuardUsed]:
    measured = json.loads(CARD.read_text(encoding="utf-8"))["guards"]
    for guard in GUARDS:
        figures = measured.get(guard.name, {}).get("with_embedding", {})
        yield GuardUsed(guard.name, guard.version, figures.get("recall"), figures.get("false_positives"))


def _contact() -> str:
    contact: str = settings.ASKACME.contact
    return contact


def _folder_name(path: str) -> str:
    """A model's name is its folder's; where the folder lies is nobody's business."""
    return path.rstrip("/").rpartition("/")[2]
