"""
A process that sets money aside, says so and stops, to be killed there: `python -m tests.governance.process_to_kill`.
"""

import signal

import django

django.setup()

from tests.governance.money import must_hold  # noqa: E402 - needs the apps

if __name__ == "__main__":
    print(must_hold("4"), flush=True)  # noqa: T201 - to the test
    signal.pause()
