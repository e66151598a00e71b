"""Signing in with e-mail address and password."""

from django.contrib.auth.backends import ModelBackend


class EmailBackend(ModelBackend):
    """Django's own, whose manager finds the address whatever its case."""
