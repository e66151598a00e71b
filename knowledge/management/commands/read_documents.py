"""`manage.py read_documents`: read here and now what waits to be read."""

from typing import Any

from django.core.management.base import BaseCommand

from knowledge.ingest.run import free_abandoned, read_next
from knowledge.ingest.turns import due


class Command(BaseCommand):
    help = "Read all uploaded documents that wait, in this process. The worker does the same in the background."

    def handle(self, *_args: Any, **_options: Any) -> None:
        free_abandoned()
        waiting, done = due().count(), 0
        while read_next():
            done += 1
            if done % 10 == 0 or done == waiting:
                self.stdout.write(f"{done} of {max(done, waiting)} documents read")
