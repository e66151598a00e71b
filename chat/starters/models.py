"""The questions that an empty chat suggests."""

from typing import Self

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q

from governance.access.models import User


class StarterQuerySet(models.QuerySet["Starter"]):
    def visible_to(self, user: User) -> Self:
        """Those for everyone and those of the person's groups. A group's are nobody else's to read."""
        return self.filter(Q(group=None) | Q(group__in=user.groups.all()))


class Starter(models.Model):
    """One suggested question, for everyone or for the members of one group."""

    text = models.CharField("question", max_length=200)
    group = models.ForeignKey(
        Group,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="starters",
        help_text="Only its members see it, before those for everyone. Empty: for everyone.",
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="The lowest comes first.")

    objects = StarterQuerySet.as_manager()

    class Meta:
        verbose_name = "suggested question"
        constraints = [
            models.UniqueConstraint(fields=["text", "group"], nulls_distinct=False, name="starter_once_per_group"),
            models.CheckConstraint(condition=~Q(text=""), name="starter_has_text"),
        ]
        ordering = ["group__name", "position", "id"]

    def __str__(self) -> str:
        return self.text
