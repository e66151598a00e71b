"""Collections: documents that share an audience."""

from typing import Self

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from governance.access.audience import Audience


class CollectionQuerySet(models.QuerySet["Collection"]):
    def visible_to(self, audience: Audience) -> Self:
        """Collections for everyone, or for one of the audience's groups."""
        in_group = Exists(
            Collection.groups.through.objects.filter(collection_id=OuterRef("pk"), group_id__in=audience.group_ids)
        )
        return self.filter(Q(for_everyone=True) | in_group)


class Collection(models.Model):
    """Documents that belong together, and who may see those of them that inherit its audience."""

    name = models.CharField(max_length=200, unique=True)
    description = models.CharField(max_length=500, blank=True)
    for_everyone = models.BooleanField(default=False, help_text="Every signed-in person may see its documents.")
    groups = models.ManyToManyField(Group, blank=True, related_name="collections", help_text="Who may see them.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
