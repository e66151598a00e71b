"""Suites, answered by the one pipeline."""
