"""Conversations and the documents they quote, made by hand."""

from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.utils import timezone

from chat.conversations.models import Citation, Conversation, Message
from chat.tools.models import ToolUse
from governance.access.models import User
from knowledge.documents.models import Document, DocumentVersion

TEXT = "Parental leave\n\nEvery parent gets 16 weeks.\n\nWeeks | Pay\n\nAsk HR <b>early</b>."
PASSAGE = (TEXT.index("Every"), TEXT.index("weeks.") + 6)
BLOCKS = [
    ["heading", 0, 14, 1, 1],
    ["paragraph", *PASSAGE, 0, 1],
    ["table_row", TEXT.index("Weeks"), TEXT.index("Pay") + 3, 0, 2],
    ["paragraph", TEXT.index("Ask"), len(TEXT), 0, 2],
]


def make_version(document: Document | None = None, *, groups: tuple[Group, ...] = (), **fields: Any) -> DocumentVersion:
    if document is None:
        document = Document.objects.create(title="Leave guide", path=f"{uuid4()}.pdf", for_everyone=not groups)
        document.groups.set(groups)
    content = fields.pop("content", b"%PDF-1.4 leave")
    version = DocumentVersion(
        **{
            "document": document,
            "number": document.versions.count() + 1,
            "filename": "leave.pdf",
            "sha256": "0" * 64,
            "size_bytes": len(content),
            "media_type": "application/pdf",
            "state": DocumentVersion.State.READY,
            "text": TEXT,
            "blocks": BLOCKS,
            **fields,
        }
    )
    version.file.save(version.filename, ContentFile(content), save=False)
    version.save()
    document.current = version
    document.save()
    return version


def make_conversation(user: User, **fields: Any) -> Conversation:
    return Conversation.objects.create(**{"user": user, "title": "Parental leave", **fields})


def make_message(conversation: Conversation, *cited: DocumentVersion, **fields: Any) -> Message:
    """A settled answer at the end of its conversation, whose `[n]` is the n-th of the cited versions."""
    message = Message.objects.create(
        **{
            "conversation": conversation,
            "parent_id": conversation.head_id,
            "question": "How many weeks?",
            "answer": "Every parent gets **16 weeks**.[1]",
            "state": Message.State.DONE,
            "status": Message.Status.SUCCESS,
            "provider": "reader",
            **fields,
        }
    )
    for n, version in enumerate(cited, 1):
        start, end = PASSAGE
        Citation.objects.create(
            message=message, n=n, version=version, heading="Leave", page=1, start=start, end=end, quote=TEXT[start:end]
        )
    return put_last(message)


def make_running(conversation: Conversation, **fields: Any) -> Message:
    question = {"question": "How many weeks?", "parent_id": conversation.head_id}
    return put_last(Message.objects.create(**{"conversation": conversation, **question, **fields}))


def make_use(answer: Message, **fields: object) -> ToolUse:
    """Another system was asked for it, in the name of the person who asked."""
    now = timezone.now()
    times = {"started_at": now, "finished_at": now}
    return ToolUse.objects.create(
        **{"request_id": answer.pk, "message": answer, "user": answer.conversation.user, "tool": "leave_balance",
           "title": "Leave", "system": "PeopleHub", "state": "done", "result": "12 days left", **times, **fields}
    )  # fmt: skip


def put_last(message: Message) -> Message:
    message.conversation.head = message
    message.conversation.save(update_fields=["head"])
    return message
