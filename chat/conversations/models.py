"""Conversations: questions, answers, and the passages that prove them."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Case, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from governance.access.audience import Audience
from governance.access.models import User
from governance.guardrails.pii.shown import readable
from knowledge.documents.models import DocumentVersion

TITLE_CHARS = 80
FOUND_BY = (
    SearchVector("question", config="english", weight="A")
    + SearchVector("question", config="simple", weight="A")
    + SearchVector("answer", config="english", weight="D")
    + SearchVector("answer", config="simple", weight="D")
)
"""What a turn is found by: stems for whole words, words as they are for one that is still being typed."""


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(user=user)

    def listed(self) -> Self:
        """Those that last: in the list and in search, to be exported and shared."""
        return self.filter(is_temporary=False)


class Conversation(models.Model):
    """A person's talk with AskAcme. Nobody else sees it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=120, blank=True)
    head = models.ForeignKey(
        "chat.Message",
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text="The last turn of the branch that is shown.",
    )
    pinned_at = models.DateTimeField(null=True, help_text="When it was put on top of the list.")
    is_temporary = models.BooleanField(default=False, help_text="In no list, and deleted when it is left.")
    summary = models.TextField(blank=True, help_text="What was said up to `summarised`, in short, for the model.")
    summarised = models.ForeignKey("chat.Message", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_temporary=False) | Q(pinned_at=None), name="conversation_temporary_is_not_pinned"
            ),
        ]
        # the list beside the chat: one person's, newest first
        indexes = [models.Index(fields=["user", "-updated_at"], name="conversation_newest_of_user")]
        ordering = ["-updated_at"]

    def __str__(self) -> str:
        return readable(self.title) or gettext("New conversation")

    def get_absolute_url(self) -> str:
        return reverse("conversation", args=[self.id])


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(conversation__user=user)

    def running(self) -> Self:
        return self.filter(state=Message.State.RUNNING)


class LeanManager(models.Manager["Message"]):
    """Leaves in the database what only search needs: it is larger than the rest of the row."""

    def get_queryset(self) -> models.QuerySet["Message"]:
        return super().get_queryset().defer("words")


MessageManager = LeanManager.from_queryset(MessageQuerySet)


class Message(models.Model):
    """One question and its answer: the unit that `request_id` names everywhere."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    class Status(models.TextChoices):
        """How an answer ended; exactly one for each."""

        SUCCESS = "success"
        CACHE_HIT = "cache_hit"
        NO_ANSWER = "no_answer"
        FILTERED = "filtered"
        OUTPUT_FILTERED = "output_filtered"
        FALLBACK = "fallback"
        ERROR = "error"

    request_id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    parent = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        related_name="children",
        help_text="The turn before it. Turns with one parent are branches.",
    )
    question = models.TextField()
    standalone = models.TextField(
        blank=True, help_text="The question as it was searched for, when it leant on the turns before it."
    )
    is_reask = models.BooleanField(default=False, help_text="Asks in other words what the turn before it asked.")
    answer = models.TextField(blank=True, help_text="While it runs: what there was of it a moment ago.")
    proof = models.JSONField(default=list, help_text="Each sentence of the answer and whether its passages prove it.")
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    status = models.CharField(max_length=16, choices=Status, blank=True)
    stopped = models.BooleanField(default=False, help_text="The person stopped it before its end.")
    confidence = models.FloatField(null=True)
    kind = models.CharField(max_length=20, blank=True, help_text="What the classifier took the question for.")
    department = models.CharField(max_length=20, blank=True)
    route = models.CharField(max_length=100, blank=True, help_text="Why this tier of models answered.")
    provider = models.CharField(max_length=60, blank=True)
    model = models.CharField(max_length=120, blank=True)
    prompt_version = models.CharField(max_length=60, blank=True)
    recipe = models.CharField(max_length=60, blank=True, help_text="What it was begun with, and is ended with.")
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, null=True)
    latency_ms = models.PositiveIntegerField(null=True)
    ttft_ms = models.PositiveIntegerField(null=True)
    stages = models.JSONField(default=list, help_text="Its stages: name, start_ms, ms, and what each decided.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(
        default=1, help_text="How many processes began it. Only the latest may tell or settle it."
    )
    beat_at = models.DateTimeField(
        default=timezone.now, help_text="The latest sign of life of the process that runs it."
    )

    words = models.GeneratedField(
        expression=Case(When(state="running", then=Value(None)), default=FOUND_BY),
        output_field=SearchVectorField(null=True),
        db_persist=True,
        null=True,
        help_text="None while it runs: the text on its timer would be taken apart again and again.",
    )

    objects = MessageManager()

    class Meta:
        constraints = [
            # two tabs, a double click: one question of a conversation is answered at a time
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(state="running"),
                name="message_one_running_per_conversation",
            ),
            models.CheckConstraint(
                condition=Q(state="running") | (~Q(status="") & ~Q(answer="")),
                name="message_ended_has_status_and_text",
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "created_at"], name="message_of_conversation"),  # the thread
            GinIndex(fields=["words"], name="message_words"),  # search in one's own conversations
        ]
        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.question[:TITLE_CHARS]


class CitationQuerySet(models.QuerySet["Citation"]):
    def open_to(self, audience: Audience) -> Self:
        """Those whose documents these people may (still) see: with their titles, without their texts."""
        found = self.filter(version__in=DocumentVersion.objects.visible_to(audience))
        return found.select_related("version__document").defer("version__text", "version__blocks")

    def visible_to(self, user: User) -> Self:
        """Those of the person's own answers whose documents are open to them."""
        versions = DocumentVersion.objects.visible_to(Audience.of(user))
        return self.filter(message__in=Message.objects.visible_to(user), version__in=versions)


class Citation(models.Model):
    """The passage behind a `[n]`: a version, a page and a span of its text, so that it stays provable."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="citations")
    n = models.PositiveSmallIntegerField()
    version = models.ForeignKey(DocumentVersion, models.CASCADE, related_name="citations")
    heading = models.CharField(max_length=1000, blank=True)
    page = models.PositiveIntegerField(null=True)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    warning = models.CharField(max_length=500, blank=True, help_text="Why to be careful with it, when it was cited.")

    objects = CitationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "n"], name="citation_n_unique")]
        ordering = ["n"]

    def __str__(self) -> str:
        return f"[{self.n}] {self.version}"
