"""What the browser's company starts with. Runs inside `manage.py shell`, in a process of its own."""

from django.contrib.auth.models import Group

from governance.access.roles import ensure_roles
from knowledge.documents.importing import follow
from tests.cast import make_user, upload_text

ANA, BEN, CLEO = "ana@acme.example", "ben@acme.example", "cleo@acme.example"
PASSWORD = "a-long-password-1"
FACILITIES = "Facilities"


def found_company() -> None:
    """*ana* is HR and owns what she uploads, *ben* is in Facilities, *cleo* in no group; one document is everyone's."""
    facilities = Group.objects.create(name=FACILITIES)
    make_user(ANA, ensure_roles()["HR"], is_staff=True)
    make_user(BEN, facilities)
    make_user(CLEO)
    everyones = upload_text()
    list(follow([everyones.pk], worker_lives=True))
