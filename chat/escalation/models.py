"""Questions that were handed over to a colleague, and who gets them."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from chat.conversations.models import Message
from governance.access.models import User
from governance.gateway.routing.models import Department

MAX_NOTE_CHARS = 2000
MAX_REPLY_CHARS = 10_000
DEFAULT_GROUP = "HR"
"""Who gets what nobody else gets, while the console names no group for it: the role that ships with AskAcme."""


class Inbox(models.Model):
    """Which group gets the questions of a department. The row without a department is for all others."""

    department = models.CharField(
        max_length=10, choices=Department, blank=True, unique=True, help_text="Empty: every department without its own."
    )
    group = models.ForeignKey(
        Group, models.CASCADE, related_name="inboxes", help_text="Its members share the inbox: each sees what comes in."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(department__in=["", *Department.values]), name="inbox_department_known"),
        ]
        ordering = ["department"]
        verbose_name_plural = "inboxes"

    def __str__(self) -> str:
        return f"{self.get_department_display() or 'All others'} → {self.group}"


class EscalationQuerySet(models.QuerySet["Escalation"]):
    def visible_to(self, user: User) -> Self:
        """Those that the person handed over."""
        return self.filter(message__conversation__user=user)

    def received_by(self, user: User) -> Self:
        """
        Those that others handed over to the person, or to a group of theirs.

        What was taken back is nobody's any more. What lost its recipient goes to the default inbox.
        """
        mine = Q(person=user) | Q(group__in=user.groups.all())
        if (rest := inbox_group()) and user.groups.filter(pk=rest.pk).exists():
            mine |= left_over(rest)
        taken_back = Q(closed_as=Escalation.ClosedAs.WITHDRAWN)
        return self.filter(mine).exclude(taken_back).exclude(message__conversation__user=user)

    def unfinished(self) -> Self:
        return self.filter(state__in=Escalation.UNFINISHED)

    def waiting(self) -> Self:
        """Those that nobody is on: also those whose claimer can't answer them any more."""
        gone = Q(claimed_by=None) | Q(claimed_by__in=User.objects.filter(is_active=False))
        return self.filter(Q(state=Escalation.State.OPEN) | Q(state=Escalation.State.CLAIMED) & gone)

    def unread(self) -> Self:
        """Those that ended by a colleague's hand, which the person who asked has not seen yet."""
        withdrawn = Q(closed_as=Escalation.ClosedAs.WITHDRAWN)
        return self.filter(seen_at=None).exclude(state__in=Escalation.UNFINISHED).exclude(withdrawn)

    def with_people(self) -> Self:
        """With all that their cards show, in the order in which they were handed over."""
        return self.select_related("person", "group", "claimed_by", "replied_by").order_by("created_at")


class Escalation(models.Model):
    """
    One question handed over to a person or a group, with the turns that led to it, and what became of it.

    Belongs to the message: whoever deletes the conversation takes it back. `question` is in the words of the person who
    asked: made to stand alone, it could say what its recipients may not see.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLAIMED = "claimed", "Taken up"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"

    class ClosedAs(models.TextChoices):
        WITHDRAWN = "withdrawn", "Taken back"
        DECLINED = "declined", "Declined"

    UNFINISHED = (State.OPEN, State.CLAIMED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="escalations", editable=False)
    turns = models.ManyToManyField(
        Message, related_name="+", editable=False, help_text="What was handed over: the question and those before it."
    )
    question = models.TextField(editable=False)
    note = models.TextField(max_length=MAX_NOTE_CHARS, blank=True, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="received_escalations", editable=False
    )
    group = models.ForeignKey(Group, models.SET_NULL, null=True, related_name="escalations", editable=False)
    asked_of = models.CharField(max_length=150, editable=False, help_text="The recipient's name, as it was shown.")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN, editable=False)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    claimed_at = models.DateTimeField(null=True, editable=False)
    reply = models.TextField(max_length=MAX_REPLY_CHARS, blank=True, editable=False)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False
    )
    closed_as = models.CharField(max_length=9, choices=ClosedAs, blank=True, editable=False)
    reason = models.TextField(max_length=MAX_NOTE_CHARS, blank=True, editable=False, help_text="Why it was declined.")
    ended_at = models.DateTimeField(null=True, editable=False)
    seen_at = models.DateTimeField(null=True, editable=False, help_text="When the person who asked saw how it ended.")
    recipients_told_at = models.DateTimeField(null=True, editable=False, help_text="By e-mail, that it is there.")
    asker_told_at = models.DateTimeField(null=True, editable=False, help_text="By e-mail, how it ended.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        constraints = [
            # a double click, two tabs: a question is with one recipient at a time
            models.UniqueConstraint(
                fields=["message"], condition=Q(state__in=["open", "claimed"]), name="escalation_one_open_per_message"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "claimed", "answered", "closed"]), name="escalation_state_known"
            ),
            models.CheckConstraint(condition=Q(person=None) | Q(group=None), name="escalation_to_a_person_or_a_group"),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(claimed_at__isnull=False), name="escalation_claimed_has_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "claimed"], ended_at=None)
                | Q(state__in=["answered", "closed"], ended_at__isnull=False),
                name="escalation_ended_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="answered") & ~Q(reply="") | ~Q(state="answered") & Q(reply=""),
                name="escalation_answered_has_a_reply",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_as__in=["withdrawn", "declined"])
                | ~Q(state="closed") & Q(closed_as=""),
                name="escalation_closed_says_how",
            ),
            models.CheckConstraint(
                condition=~Q(closed_as="declined") | ~Q(reason=""), name="escalation_declined_says_why"
            ),
        ]
        # the console's list, newest first; the mails that are still to be sent
        indexes = [models.Index(fields=["-created_at"], name="escalation_newest_first")]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.asked_of}, {self.created_at:%d %b %Y %H:%M}"

    def get_absolute_url(self) -> str:
        """Where its recipients find it."""
        return reverse("inbox_question", args=[self.pk])

    @property
    def asker(self) -> User:
        return self.message.conversation.user

    @property
    def inbox(self) -> Group | None:
        """The group whose members see it; None while it is with one person."""
        return None if self.person and self.person.is_active else self.group or inbox_group()

    @property
    def is_open(self) -> bool:
        return self.state in self.UNFINISHED

    @property
    def state_now(self) -> State:
        """Open once more when whoever claimed it can't answer it any more."""
        is_left = self.state == self.State.CLAIMED and not (self.claimed_by and self.claimed_by.is_active)
        return self.State.OPEN if is_left else self.State(self.state)

    @property
    def is_withdrawn(self) -> bool:
        return self.closed_as == self.ClosedAs.WITHDRAWN

    @property
    def is_unread(self) -> bool:
        return not self.is_open and not self.is_withdrawn and self.seen_at is None

    @property
    def replier(self) -> str:
        """Who ended it, by name, also when their account is gone."""
        return str(self.replied_by) if self.replied_by else gettext("A former colleague")

    @property
    def claimer(self) -> str:
        return str(self.claimed_by) if self.claimed_by else gettext("A former colleague")


def inbox_group(department: str = "") -> Group | None:
    """The group that gets a department's questions; None when there is none."""
    rows = Inbox.objects.filter(department__in={"", department}).select_related("group")
    groups = {inbox.department: inbox.group for inbox in rows}
    return groups.get(department) or groups.get("") or Group.objects.filter(name=DEFAULT_GROUP).first()


def left_over(rest: Group) -> Q:
    """What the default inbox gets of those who are gone: not what they had ended themselves, before they left."""
    is_lost = Q(group=None) & (Q(person=None) | Q(person__is_active=False))
    ended_here = Q(replied_by__in=rest.user_set.all()) & ~Q(replied_by=F("person"))
    return is_lost & (Q(state__in=Escalation.UNFINISHED) | ended_here)
