"""What somebody owns who is erased goes to somebody else: documents are the company's."""

from askacme.lib.errors import Conflict
from governance.audit.stores import Leaving, Store
from knowledge.documents.models import Document
from knowledge.sources.models import Source


def hand_over(leaving: Leaving) -> int:
    """Raises Conflict while it isn't said who gets them."""
    documents = Document.objects.filter(owner=leaving.person)
    sources = Source.objects.filter(owner=leaving.person)
    if leaving.heir is None and (documents.exists() or sources.exists()):
        raise Conflict(
            f"This person owns {documents.count()} documents and {sources.count()} sources: say who gets them."
        )
    return documents.update(owner=leaving.heir) + sources.update(owner=leaving.heir)


STORES = (Store("documents_handed_over", erase=hand_over),)
