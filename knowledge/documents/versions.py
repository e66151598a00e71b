"""
Which version of a document is in use: an earlier one can be used again.

Going back changes what is in use now and nothing else: a version that is being read meanwhile comes into use when it
is ready, because whoever uploaded it wanted it to, and so does every later upload.
"""

import logging

from django.db import transaction
from kombu.exceptions import OperationalError

from askacme.lib.errors import Conflict, ServiceUnavailable
from governance.access.models import User
from governance.audit.services import record
from knowledge.documents.models import Document, DocumentVersion
from knowledge.health.models import Finding
from knowledge.index.embed import Beat
from knowledge.index.indexes import fed_indexes
from knowledge.index.rebuild import TakesLong, rebuilt, while_someone_waits
from knowledge.ingest.run import held_against, put_in_use

logger = logging.getLogger(__name__)


def roll_back(*, version: DocumentVersion, instead_of: int | None, actor: User) -> bool:
    """
    Use a ready version again. True: it is in use. False: much is to be embedded first, and a worker does it.

    `instead_of` is the id of the version that the person saw in use. Until the other one takes its place, in one
    transaction, it goes on serving, and does so if anything fails.

    Raises Conflict when another version came into use meanwhile, or this one can't.
    """
    check(version, instead_of, version.document.current_id)
    try:
        swap_in(version, instead_of=instead_of, actor=actor, beat=while_someone_waits)
    except TakesLong:
        hand_over(version, instead_of, actor)
        return False
    return True


def hand_over(version: DocumentVersion, instead_of: int | None, actor: User) -> None:
    """Let a worker do it. Raises ServiceUnavailable when none can be told."""
    from knowledge.documents.tasks import use_version

    try:
        use_version.delay(version.pk, instead_of, actor.pk)
    except OperationalError as error:
        raise ServiceUnavailable("The workers' queue can't be reached. Try again in a minute.") from error


def swap_in(version: DocumentVersion, *, instead_of: int | None, actor: User | None, beat: Beat) -> None:
    """Embed what is not known any more, then change over in one transaction. Raises Conflict."""
    held, edits = held_against(version.document), version.document.chunk_edits.all()
    built = rebuilt(version, edits=edits, indexes=fed_indexes(), beat=beat)
    with transaction.atomic():
        document = Document.objects.select_for_update().get(pk=version.document_id)
        version.refresh_from_db(fields=["state", "released_at"])
        check(version, instead_of, document.current_id)
        if held_against(document) != held:
            raise Conflict("Somebody changed a passage of this document, or a search index, a moment ago. Try again.")
        put_in_use(document, version, built)
        before = document.versions.filter(pk__in=[instead_of]).values_list("number", flat=True).first()
        record(
            actor=actor,
            action="document.use_version",
            target=document.path,
            before={"version": before},
            after={"version": version.number},
        )
    logger.info("%s is in use again", version)


def check(version: DocumentVersion, instead_of: int | None, current_id: int | None) -> None:
    """Raises Conflict unless the version can be used now, in the place of the one that the person saw."""
    if version.state != DocumentVersion.State.READY:
        raise Conflict(f"Version {version.number} has not been read to its end, so it can't be used.")
    if version.released_at is None and version.findings.filter(severity=Finding.Severity.QUARANTINE).exists():
        raise Conflict(f"Version {version.number} is in quarantine: release it first.")
    if current_id != instead_of:
        raise Conflict("Another version came into use meanwhile. Look at the versions again, and choose anew.")
    if version.pk == instead_of:
        raise Conflict(f"Version {version.number} is in use already.")
