"""The roles that ship with AskAcme: Django groups with the permissions their work needs."""

from django.contrib.auth.models import Group, Permission

ROLES: dict[str, tuple[str, ...]] = {
    "HR": (
        "knowledge.add_document",
        "knowledge.change_document",
        "knowledge.delete_document",
        "knowledge.view_document",
        "knowledge.view_documentversion",
        "knowledge.add_collection",
        "knowledge.change_collection",
        "knowledge.delete_collection",
        "knowledge.view_collection",
        "knowledge.add_source",
        "knowledge.change_source",
        "knowledge.delete_source",
        "knowledge.view_source",
        "knowledge.view_sourceitem",
        "knowledge.view_searchindex",  # to change them is the operator's
        "knowledge.add_synonym",
        "knowledge.change_synonym",
        "knowledge.delete_synonym",
        "knowledge.view_synonym",
        "chat.add_starter",
        "chat.change_starter",
        "chat.delete_starter",
        "chat.view_starter",
        "chat.add_inbox",
        "chat.change_inbox",
        "chat.delete_inbox",
        "chat.view_inbox",
        "chat.view_escalation",  # who asked whom, and how it goes; not what they wrote
        "governance.view_feedback",  # with the rated question and answer: the thumbs say so
        "governance.add_suitecase",  # a bad answer becomes a test's case
        "governance.view_user",  # choosing a document's owner
    ),
    "Managers": (
        "governance.view_usagelimit",
        "governance.view_budget",
        "governance.view_hold",
        "governance.view_routingexample",
        "governance.view_routingrule",
        "governance.view_release",
        "governance.roll_back_release",
    ),
    "Auditors": (
        "governance.view_auditevent",
        "governance.view_auditedanswer",
        "governance.view_inference",
        "governance.view_retentionrule",
        "governance.view_legalhold",
        "governance.view_reading",
        "governance.break_glass",  # reads a conversation: with a reason, on record, and its owner is told
    ),
    "Security": (
        "governance.view_guardpolicy",
        "governance.change_guardpolicy",
        "governance.delete_guardpolicy",  # drafts
        "governance.view_guardrule",
        "governance.view_guardreview",
        "governance.change_guardreview",
        "governance.view_abusealert",
        "governance.change_abusealert",
    ),
    "Prompt authors": (
        "governance.view_suite",
        "governance.view_suitecase",
        "governance.add_suitecase",  # to change one is the approvers': nobody softens the test of their own words
        "governance.view_suiterun",
        "governance.add_suiterun",
        "governance.view_prompt",
        "governance.view_promptversion",
        "governance.add_promptversion",
        "governance.change_promptversion",
        "governance.view_release",
    ),
    "Prompt approvers": (
        "governance.view_suite",
        "governance.change_suite",
        "governance.view_suitecase",
        "governance.add_suitecase",
        "governance.change_suitecase",
        "governance.view_suiterun",
        "governance.add_suiterun",
        "governance.add_suiteoverride",  # lets somebody else approve in spite of a red run
        "governance.view_prompt",
        "governance.view_promptversion",
        "governance.approve_promptversion",
        "governance.release_promptversion",
        "governance.view_release",
        "governance.roll_back_release",
    ),
}
STAFF_ROLES = frozenset({"HR", "Managers", "Auditors", "Security", "Prompt authors", "Prompt approvers"})


def ensure_roles() -> dict[str, Group]:
    """Create the roles that are missing and give each its permissions. Safe to call again."""
    roles = {}
    for name, wanted in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        for permission in wanted:
            app_label, codename = permission.split(".")
            group.permissions.add(Permission.objects.get(content_type__app_label=app_label, codename=codename))
        roles[name] = group
    return roles
