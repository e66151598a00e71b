"""What people thought of an answer."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_COMMENT_CHARS = 2000


class Feedback(models.Model):
    """One person's thumb on one answer, which `request_id` names. A second press changes it."""

    class Rating(models.TextChoices):
        UP = "up", "Helpful"
        DOWN = "down", "Not helpful"

    class Reason(models.TextChoices):
        """What is wrong with a bad answer."""

        WRONG = "wrong", _("Wrong")
        OUTDATED = "outdated", _("Out of date")
        MISSING_SOURCE = "missing_source", _("No proof")
        NOT_MY_QUESTION = "not_my_question", _("Not my question")
        TOO_LONG = "too_long", _("Too long")
        UNSAFE = "unsafe", _("Unsafe")

    request_id = models.UUIDField(editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="feedback", editable=False)
    rating = models.CharField(max_length=4, choices=Rating)
    reason = models.CharField(max_length=15, choices=Reason, blank=True)
    comment = models.TextField(max_length=MAX_COMMENT_CHARS, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "feedback"
        constraints = [
            # also the index behind the thumbs of a conversation: the answers shown, one person
            models.UniqueConstraint(fields=["request_id", "user"], name="feedback_one_per_person_and_answer"),
            models.CheckConstraint(condition=Q(rating__in=["up", "down"]), name="feedback_rating_known"),
            models.CheckConstraint(condition=Q(reason="") | Q(rating="down"), name="feedback_reason_only_for_down"),
        ]
        ordering = ["-updated_at"]

    def __str__(self) -> str:
        return f"{self.get_rating_display()}, {self.created_at:%d %b %Y %H:%M}"
