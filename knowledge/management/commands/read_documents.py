"""`manage.py read_documents`: read here and now what waits to be read."""

from typing import Any

from django.core.management.base import BaseCommand

from knowledge.documents.models import DocumentVersion
from knowledge.ingest.run import ingest


class Command(BaseCommand):
    help = "Read all uploaded documents that wait, in this process. The worker does the same in the background."

    def handle(self, *_args: Any, **_options: Any) -> None:
        waiting = list(DocumentVersion.objects.unfinished().order_by("pk").values_list("pk", flat=True))
        for done, version_id in enumerate(waiting, 1):
            ingest(version_id)
            if done % 10 == 0 or done == len(waiting):
                self.stdout.write(f"{done} of {len(waiting)} documents read")
