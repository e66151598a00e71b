"""Regression suites: cases that a prompt has to pass, their runs, and the gate that a red one shuts."""
