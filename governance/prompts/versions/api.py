"""Prompts over HTTP: the same acts as in the console, with the same rules."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from governance.access.auth import caller_of
from governance.access.models import User
from governance.prompts.content import Content, checked
from governance.prompts.semver import Level, number_from
from governance.prompts.versions import services
from governance.prompts.versions.models import Prompt, PromptVersion

router = Router(tags=["prompts"])


class PromptOut(Schema):
    """`released` is the number of the version in force; `variables` name what a text may use, and what each holds."""

    name: str
    purpose: str
    released: str | None
    variables: dict[str, str]
    required: list[str]

    @classmethod
    def of(cls, prompt: Prompt) -> "PromptOut":
        kind, now = prompt.kind, prompt.released
        return cls(
            name=prompt.name,
            purpose=kind.purpose,
            released=str(now.number) if now else None,
            variables=dict(kind.variables),
            required=list(kind.required),
        )


class CommentOut(Schema):
    at: datetime
    author: str | None
    verdict: str
    text: str


COPIED = (
    *("state", "text", "variables", "tier", "temperature", "max_output_tokens", "sha256"),
    *("change_note", "level", "level_reason"),
    *("created_at", "submitted_at", "approved_at", "released_at", "retired_at"),
)


class VersionOut(Schema):
    """`sha256` is the fingerprint of text and settings: send it back to approve or change what you have seen."""

    prompt: str
    version: str
    state: str
    text: str
    variables: list[str]
    tier: str
    temperature: Decimal
    max_output_tokens: int
    sha256: str
    change_note: str
    level: str
    level_reason: str
    author: str | None
    approved_by: str | None
    created_at: datetime
    submitted_at: datetime | None
    approved_at: datetime | None
    released_at: datetime | None
    retired_at: datetime | None
    comments: list[CommentOut]

    @classmethod
    def of(cls, version: PromptVersion) -> "VersionOut":
        return cls(
            prompt=version.prompt_id,
            version=str(version.number),
            author=email_of(version.author),
            approved_by=email_of(version.approved_by),
            comments=[
                CommentOut(at=said.at, author=email_of(said.author), verdict=said.verdict, text=said.text)
                for said in version.comments.select_related("author")
            ],
            **{name: getattr(version, name) for name in COPIED},
        )


class DraftIn(Schema):
    """`level` says which part of the number to raise; without it, what the change suggests. Another takes a reason."""

    text: str
    change_note: str
    tier: str | None = Field(None, description="Default: the prompt's own")
    temperature: Decimal = Decimal(0)
    max_output_tokens: int = 1024
    level: Level | None = None
    level_reason: str = ""

    def content_for(self, prompt: Prompt) -> Content:
        return checked(
            prompt.kind,
            text=self.text,
            tier=self.tier or prompt.kind.tier,
            temperature=self.temperature,
            max_output_tokens=self.max_output_tokens,
        )


class EditIn(DraftIn):
    sha256: str = Field(description="Of the draft as you have seen it")


class ApproveIn(Schema):
    sha256: str = Field(description="Of the version as you have seen it")
    note: str = ""


class ReasonIn(Schema):
    reason: str


@router.get("", response=list[PromptOut], summary="List prompts")
def list_prompts(request: HttpRequest) -> list[PromptOut]:
    reader_of(request)
    return [PromptOut.of(prompt) for prompt in Prompt.objects.all()]


@router.get("/{name}/versions", response=list[VersionOut], summary="A prompt's versions, newest number first")
def list_versions(
    request: HttpRequest,
    name: str,
    state: Annotated[PromptVersion.State | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> list[VersionOut]:
    reader_of(request)
    versions = get_object_or_404(Prompt, pk=name).versions.select_related("author", "approved_by")
    chosen = versions.filter(state=state) if state else versions.all()
    return [VersionOut.of(version) for version in chosen[offset : offset + limit]]


@router.get("/{name}/versions/{version}", response=VersionOut, summary="One version")
def get_version(request: HttpRequest, name: str, version: str) -> VersionOut:
    reader_of(request)
    return VersionOut.of(version_of(name, version))


@router.post("/{name}/versions", response={201: VersionOut}, summary="Draft a version")
def draft_version(request: HttpRequest, name: str, given: DraftIn) -> Status[VersionOut]:
    """Its number follows from what changed against the released version: the answer tells it."""
    actor = reader_of(request)
    prompt = get_object_or_404(Prompt, pk=name)
    made = services.draft(
        prompt=prompt,
        content=given.content_for(prompt),
        change_note=given.change_note,
        actor=actor,
        level=given.level,
        level_reason=given.level_reason,
    )
    return Status(201, VersionOut.of(made))


@router.put("/{name}/versions/{version}", response=VersionOut, summary="Change a draft of yours")
def edit_version(request: HttpRequest, name: str, version: str, given: EditIn) -> VersionOut:
    actor, found = reader_of(request), version_of(name, version)
    edited = services.edit_draft(
        version=found,
        content=given.content_for(found.prompt),
        change_note=given.change_note,
        actor=actor,
        seen=given.sha256,
        level=given.level,
        level_reason=given.level_reason,
    )
    return VersionOut.of(edited)


@router.delete("/{name}/versions/{version}", response={204: None}, summary="Discard a draft of yours")
def discard_version(request: HttpRequest, name: str, version: str) -> Status[None]:
    actor = reader_of(request)
    services.discard(version=version_of(name, version), actor=actor)
    return Status(204, None)


@router.post("/{name}/versions/{version}/submit", response=VersionOut, summary="Ask for a review")
def submit_version(request: HttpRequest, name: str, version: str) -> VersionOut:
    actor, found = reader_of(request), version_of(name, version)
    services.submit(version=found, actor=actor)
    return VersionOut.of(found)


@router.post("/{name}/versions/{version}/withdraw", response=VersionOut, summary="Take your version out of the review")
def withdraw_version(request: HttpRequest, name: str, version: str) -> VersionOut:
    actor, found = reader_of(request), version_of(name, version)
    services.withdraw(version=found, actor=actor)
    return VersionOut.of(found)


@router.post("/{name}/versions/{version}/approve", response=VersionOut, summary="Approve somebody else's version")
def approve_version(request: HttpRequest, name: str, version: str, given: ApproveIn) -> VersionOut:
    actor, found = reader_of(request), version_of(name, version)
    services.approve(version=found, actor=actor, seen=given.sha256, note=given.note)
    return VersionOut.of(found)


@router.post("/{name}/versions/{version}/reject", response=VersionOut, summary="Give somebody else's version back")
def reject_version(request: HttpRequest, name: str, version: str, given: ReasonIn) -> VersionOut:
    actor, found = reader_of(request), version_of(name, version)
    services.reject(version=found, actor=actor, reason=given.reason)
    return VersionOut.of(found)


@router.post("/{name}/versions/{version}/retire", response=VersionOut, summary="Put away an approved version")
def retire_version(request: HttpRequest, name: str, version: str) -> VersionOut:
    actor, found = reader_of(request), version_of(name, version)
    services.retire(version=found, actor=actor)
    return VersionOut.of(found)


def reader_of(request: HttpRequest) -> User:
    """The caller, who may at least look. Raises NotAllowed."""
    caller = caller_of(request)
    services.need(caller, services.VIEW)
    return caller


def version_of(name: str, number: str) -> PromptVersion:
    rows = PromptVersion.objects.select_related("prompt", "author", "approved_by")
    return get_object_or_404(rows, prompt=name, **number_from(number)._asdict())


def email_of(user: User | None) -> str | None:
    return user.email if user else None
