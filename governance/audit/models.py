"""What is on record: what people did, what was answered, and the chain that shows when somebody has changed it."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

FOUND_BY = SearchVector("question", "standalone", "answer", config="simple")
"""What an answer is found by: words as they are, for people ask in any language."""


class Recorded(models.Model):
    """
    A row that is only ever added.

    The database keeps it so (migration 0002): it refuses every change but an erasure, which blanks the `CONTENT`
    columns, empties `salt`, and says when and by which act. `content_hash` is the SHA-256 of salt and content: it stays
    in the chain, and without its salt tells nothing of what was erased.
    """

    at = models.DateTimeField(default=timezone.now, editable=False)
    salt = models.CharField(max_length=36, blank=True, editable=False, help_text="Random; set by the database.")
    content_hash = models.CharField(max_length=64, blank=True, editable=False, help_text="Set by the database.")
    erased_at = models.DateTimeField(null=True, editable=False)
    erasure = models.ForeignKey(
        "governance.AuditEvent",
        models.DO_NOTHING,
        null=True,
        editable=False,
        db_constraint=False,
        db_index=False,
        related_name="+",
        help_text="The act that erased its content, and names this row.",
    )

    class Meta:
        abstract = True


class AuditEvent(Recorded):
    """One act of a person, or of the system. The person may be gone: then only the number is left."""

    CONTENT = ("actor_email", "target", "details")

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        editable=False,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    actor_email = models.CharField(max_length=254, blank=True, editable=False)
    action = models.CharField(max_length=60, editable=False)
    target = models.CharField(max_length=200, blank=True, editable=False)
    details = models.JSONField(default=dict, editable=False, help_text="With `before` and `after` where it changed.")

    class Meta:
        indexes = [
            models.Index(fields=["-at"], name="audit_newest_first"),  # the audit screen: newest first
            models.Index(fields=["actor", "-at"], name="audit_of_person"),  # one person's acts; their erasure
        ]
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.actor_email or 'system'} {self.action} {self.target}"


class AuditedAnswer(Recorded):
    """
    One ended answer, as it was when it ended; exactly one for each `request_id`.

    Stays when its conversation is deleted. Personal data in it is masked: placeholders, never values. `stages` are the
    spans of its trace, each with the `detail` of what it decided; its model calls are `Inference` rows.
    """

    CONTENT = ("question", "standalone", "answer", "passages", "stages")

    request_id = models.UUIDField(unique=True, editable=False)
    asked_at = models.DateTimeField(editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        editable=False,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    status = models.CharField(max_length=16, editable=False)
    stopped = models.BooleanField(default=False, editable=False)
    kind = models.CharField(max_length=20, blank=True, editable=False)
    department = models.CharField(max_length=20, blank=True, editable=False)
    route = models.CharField(max_length=100, blank=True, editable=False)
    provider = models.CharField(max_length=60, blank=True, editable=False)
    model = models.CharField(max_length=120, blank=True, editable=False)
    prompt_version = models.CharField(max_length=60, blank=True, editable=False)
    policy = models.CharField(max_length=80, blank=True, editable=False, help_text="The version its guards held to.")
    verdict = models.CharField(max_length=8, blank=True, editable=False, help_text="The strictest of its guards' acts.")
    verdict_code = models.CharField(max_length=80, blank=True, editable=False, help_text="Why: `<guard>.<what>`.")
    confidence = models.DecimalField(max_digits=5, decimal_places=4, null=True, editable=False)
    input_tokens = models.PositiveIntegerField(default=0, editable=False)
    output_tokens = models.PositiveIntegerField(default=0, editable=False)
    cost_usd = models.DecimalField(max_digits=14, decimal_places=8, null=True, editable=False)
    latency_ms = models.PositiveIntegerField(null=True, editable=False)
    ttft_ms = models.PositiveIntegerField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=1, editable=False)
    question = models.TextField(blank=True, editable=False)
    standalone = models.TextField(blank=True, editable=False, help_text="As it was searched for, when it leant.")
    answer = models.TextField(blank=True, editable=False)
    passages = models.JSONField(
        default=list,
        editable=False,
        help_text="All that were read: n (the mark, or none where not cited), document_id, version_id, version, title,"
        " path, page, heading, start, end, is_corrected, quote.",
    )
    stages = models.JSONField(default=list, editable=False, help_text="name, start_ms, ms and, where decided, detail.")

    class Meta:
        indexes = [
            models.Index(fields=["-at"], name="auditedanswer_newest_first"),  # the audit screen: newest first
            models.Index(fields=["user", "-at"], name="auditedanswer_of_person"),  # one person's; their erasure
            GinIndex(FOUND_BY, name="auditedanswer_words"),  # the audit screen: words, in `search.answers`
        ]
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.request_id} {self.status}"


class AuditLink(models.Model):
    """
    One row's place in the chain: appended by the database when the row's transaction commits.

    `digest` is over the row's columns as `digest_version` lists them, `hash` over `previous` and all the rest.
    """

    class Kind(models.TextChoices):
        ACT = "act"
        ANSWER = "answer"

    seq = models.BigIntegerField(primary_key=True, editable=False, help_text="Without gaps.")
    kind = models.CharField(max_length=6, choices=Kind, editable=False)
    row_id = models.BigIntegerField(editable=False)
    digest_version = models.PositiveSmallIntegerField(editable=False)
    digest = models.CharField(max_length=64, editable=False)
    previous = models.CharField(max_length=64, blank=True, editable=False)
    hash = models.CharField(max_length=64, editable=False)

    class Meta:
        constraints = [
            # also the index by which a row finds its link
            models.UniqueConstraint(fields=["kind", "row_id"], name="auditlink_one_for_each_row"),
            models.CheckConstraint(condition=Q(kind__in=["act", "answer"]), name="auditlink_kind_known"),
        ]
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.row_id}"


class AuditAnchor(models.Model):
    """
    The chain as it stood, signed with the secret key: from then on nobody without it can write the past anew.

    A cut says that all up to `seq` was removed by retention: the first row kept is the next one, and leans on `hash`.
    """

    class Kind(models.TextChoices):
        HEAD = "head"
        CUT = "cut"

    at = models.DateTimeField(default=timezone.now, editable=False)
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.HEAD, editable=False)
    seq = models.BigIntegerField(editable=False)
    hash = models.CharField(max_length=64, editable=False)
    signature = models.CharField(max_length=64, editable=False)

    class Meta:
        constraints = [
            # also the index of the latest anchor of a kind
            models.UniqueConstraint(fields=["kind", "seq"], name="auditanchor_one_for_each_place"),
            models.CheckConstraint(condition=Q(kind__in=["head", "cut"]), name="auditanchor_kind_known"),
        ]
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq} {self.hash[:12]}"


class RetentionRule(models.Model):
    """How long one kind of data is kept. Without a row: for ever."""

    class Table(models.TextChoices):
        CONVERSATIONS = "conversations", "Conversations with their messages"
        FEEDBACK = "feedback", "Feedback"
        ESCALATIONS = "escalations", "Questions handed over"
        TOOL_USES = "tool_uses", "Tool uses"
        MODEL_CALLS = "model_calls", "Model calls"
        ANSWERS = "answers", "Words of audited answers (their figures stay)"
        AUDIT = "audit", "The audit record as a whole: acts and answers"
        TEMPORARY = "temporary", "Ended sessions and revoked API keys"
        REVIEWS = "reviews", "What was said about filtered answers; blocked attacks and their alerts"

    table = models.CharField(max_length=13, choices=Table, unique=True)
    days = models.PositiveIntegerField(null=True, blank=True, help_text="Older than that is deleted. Empty: never.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    table__in=[
                        "conversations",
                        "feedback",
                        "escalations",
                        "tool_uses",
                        "model_calls",
                        "answers",
                        "audit",
                        "temporary",
                        "reviews",
                    ]
                ),
                name="retentionrule_table_known",
            ),
            models.CheckConstraint(condition=Q(days=None) | Q(days__gte=1), name="retentionrule_a_day_at_least"),
        ]
        ordering = ["table"]

    def __str__(self) -> str:
        return f"{self.get_table_display()}: {f'{self.days} days' if self.days else 'for ever'}"


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def in_force(self) -> Self:
        now = timezone.now()
        return self.filter(Q(until=None) | Q(until__gt=now), starts_at__lte=now)


class LegalHold(models.Model):
    """
    While it is in force, nothing that it covers is deleted by retention or erased on request.

    A person under a hold, even an ended one, can't be deleted either, only erased when none is in force.
    """

    for_everyone = models.BooleanField(default=False, help_text="Covers every person.")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="legal_holds"
    )
    reason = models.CharField(max_length=500, help_text="The case, and who asked for it.")
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    starts_at = models.DateTimeField("from", default=timezone.now)
    until = models.DateTimeField(null=True, blank=True, help_text="Empty: until somebody ends it.")

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None) | Q(for_everyone=False), name="legalhold_covers_one_or_all"
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("starts_at")), name="legalhold_has_a_span"),
        ]
        ordering = ["-starts_at"]

    def __str__(self) -> str:
        return f"{'Everyone' if self.for_everyone else self.person or 'A person who was erased'}: {self.reason}"
