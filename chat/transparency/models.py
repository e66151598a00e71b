"""Who was told what AskAcme is, and when."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from governance.access.models import User


class AcknowledgementQuerySet(models.QuerySet["Acknowledgement"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(user=user)


class Acknowledgement(models.Model):
    """A person has read one version of the notice, and said so."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="acknowledgements")
    version = models.CharField(max_length=20, help_text="Of the notice's words.")
    at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AcknowledgementQuerySet.as_manager()

    class Meta:
        constraints = [
            # also the index behind each page of the chat: has this person read this version?
            models.UniqueConstraint(fields=["user", "version"], name="acknowledgement_once_for_each_version"),
        ]
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.user}: {self.version}"
