"""For everyone: who has read my conversations?"""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chat.conversations.models import Conversation
from chat.conversations.views import person_of
from governance.disclosure.models import Reading
from governance.disclosure.services import mark_seen

LISTED = 200


@login_required
@require_safe
def readings(request: HttpRequest) -> HttpResponse:
    """All that were ever opened; those that are new are marked, this once."""
    user = person_of(request)
    listed = list(Reading.objects.visible_to(user)[:LISTED])
    mark_seen(owner=user)
    wanted = [reading.conversation_id for reading in listed if reading.conversation_id]
    kept = Conversation.objects.visible_to(user).in_bulk(wanted)
    rows = [(reading, kept.get(reading.conversation_id)) for reading in listed]
    return render(request, "chat/readings.html", {"rows": rows})
