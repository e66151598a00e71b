"""Words: what the documents' vocabulary is, and which words mean the same."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Word(models.Model):
    """A stem that stands in the live index, and in how many chunks: for rarity, and for mending typing errors."""

    stem = models.CharField(max_length=100, primary_key=True)
    chunks = models.IntegerField()
    trigrams = ArrayField(models.CharField(max_length=3))

    class Meta:
        indexes = [GinIndex(fields=["trigrams"], name="word_by_trigrams")]  # typing errors: words that look alike

    def __str__(self) -> str:
        return self.stem


class Synonym(models.Model):
    """Words and phrases that mean the same here, such as `PTO` and `paid time off`."""

    phrases = ArrayField(models.CharField(max_length=100))
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)
    edited_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(phrases__len__gte=2), name="synonym_has_two_phrases")]
        ordering = ["phrases"]

    def __str__(self) -> str:
        return " = ".join(self.phrases)
