"""Conversations that people let colleagues read."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from chat.conversations.models import Conversation, Message
from governance.access.models import User


class ShareQuerySet(models.QuerySet["Share"]):
    def visible_to(self, user: User) -> Self:
        """What colleagues let this person read; their own shares they find below the conversation."""
        return self.filter(shared_with=user)


class Share(models.Model):
    """
    One colleague may read one conversation, up to `last`: what is asked later stays private until it is shared again.

    Which of its answers the colleague sees is decided anew at each look, by the colleague's own audience.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="shares")
    shared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    shared_with = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="shares")
    title = models.CharField(
        max_length=120, help_text="Its name when it was shared; none that tells of other branches."
    )
    last = models.ForeignKey(Message, models.CASCADE, related_name="+", help_text="The last turn that is shared.")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ShareQuerySet.as_manager()

    class Meta:
        constraints = [
            # also the index behind the list in the dialog: a conversation's shares
            models.UniqueConstraint(fields=["conversation", "shared_with"], name="share_once_per_colleague"),
            models.CheckConstraint(condition=~Q(shared_by=F("shared_with")), name="share_not_with_oneself"),
        ]
        # "Shared with me" beside the chat: one person's, newest first
        indexes = [models.Index(fields=["shared_with", "-created_at"], name="share_newest_of_colleague")]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.title} for {self.shared_with}"

    def get_absolute_url(self) -> str:
        return reverse("shared", args=[self.pk])
