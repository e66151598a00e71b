"""
Rows of the audit record as OCSF events, for a SIEM.

Answers are API Activity (6003); acts are Entity Management (3004), or Account Change (3001) where an account is made or
goes. What the classes have no place for is under `unmapped`. Schema: https://schema.ocsf.io/1.3.0
"""

from datetime import datetime
from typing import Any

from governance.access.models import User
from governance.audit.models import AuditedAnswer, AuditEvent

VERSION = "1.3.0"
PRODUCT = {"name": "AskAcme", "vendor_name": "AskAcme", "feature": {"name": "audit"}}
OTHER = 99
ACTIVITIES = {"create": 1, "view": 2, "change": 3, "delete": 4}
VERBS = {
    "create": {"create", "upload", "place", "import", "build", "issue"},
    "view": {"view", "view_as", "export", "test", "try", "read", "open"},
    "change": {
        "change",
        "rename",
        "audience",
        "move",
        "lifecycle",
        "release",
        "end",
        "revoke",
        "use_version",
        "cut_over",
    },
    "delete": {"delete", "erase", "cut", "drop", "retain", "withdraw"},
}
ACCOUNT = {"user.create": 1, "user.delete": 6, "person.erase": 6}
INFORMATIONAL, MEDIUM = 1, 3
SUCCESS, FAILURE = 1, 2
USER_TYPE, SYSTEM_TYPE = 1, 3
FILTERED = ("filtered", "output_filtered")


def event_of(row: AuditEvent | AuditedAnswer) -> dict[str, Any]:
    return of_act(row) if isinstance(row, AuditEvent) else of_answer(row)


def of_act(act: AuditEvent) -> dict[str, Any]:
    subject, _, verb = act.action.partition(".")
    known = next((ACTIVITIES[name] for name, verbs in VERBS.items() if verb in verbs), OTHER)
    details = {name: value for name, value in act.details.items() if name not in {"before", "after", "reason"}}
    activity = ACCOUNT.get(act.action, known)
    if act.action in ACCOUNT:
        what = classified(3, 1, activity) | {"user": {"name": act.target or "erased", "type_id": USER_TYPE}}
    else:
        entity = {"name": act.target or "erased", "type": subject}
        before, after = act.details.get("before"), act.details.get("after")
        what = classified(3, 4, activity) | {
            "entity": entity | ({"data": before} if before else {}),
            "entity_result": entity | ({"data": after} if after else {}),
        }
    return {
        **what,
        "activity_name": verb,
        "severity_id": INFORMATIONAL,
        "status_id": SUCCESS,
        "time": milliseconds(act.at),
        "metadata": metadata("act", act.pk),
        "actor": {"user": user(act.actor_id, act.actor, act.actor_email)},
        "message": act.action,
        **({"comment": act.details["reason"]} if act.details.get("reason") else {}),
        "unmapped": {"action": act.action, "details": details, **erased(act)},
    }


def of_answer(answer: AuditedAnswer) -> dict[str, Any]:
    is_filtered = answer.status in FILTERED
    return {
        **classified(6, 3, ACTIVITIES["create"]),
        "activity_name": "Create",
        "severity_id": MEDIUM if is_filtered else INFORMATIONAL,
        "status_id": FAILURE if is_filtered or answer.status == "error" else SUCCESS,
        "status": answer.status,
        "status_code": answer.verdict_code,
        "time": milliseconds(answer.at),
        "start_time": milliseconds(answer.asked_at),
        "end_time": milliseconds(answer.at),
        "duration": answer.latency_ms,
        "metadata": metadata("answer", answer.pk) | {"correlation_uid": str(answer.request_id)},
        "actor": {"user": user(answer.user_id, answer.user, "")},
        "api": {
            "operation": "ask",
            "service": {"name": answer.provider or "none", "version": answer.model},
            "request": {"uid": str(answer.request_id), "data": {"question": answer.question}},
            "response": {"data": {"answer": answer.answer}},
        },
        "src_endpoint": {"name": "AskAcme"},
        "resources": [
            {"uid": f"{it['document_id']}@{it['version']}", "name": it["title"], "type": "document"}
            for it in answer.passages
        ],
        "unmapped": unmapped_of(answer),
    }


def unmapped_of(answer: AuditedAnswer) -> dict[str, Any]:
    plain = ("kind", "department", "route", "prompt_version", "policy", "verdict", "input_tokens", "output_tokens")
    more = ("ttft_ms", "stopped", "attempts", "standalone", "passages", "stages")
    exact = {
        name: None if (value := getattr(answer, name)) is None else str(value) for name in ("cost_usd", "confidence")
    }
    return {**{name: getattr(answer, name) for name in (*plain, *more)}, **exact, **erased(answer)}


def classified(category: int, number: int, activity: int) -> dict[str, int]:
    class_uid = category * 1000 + number
    return {
        "category_uid": category,
        "class_uid": class_uid,
        "activity_id": activity,
        "type_uid": class_uid * 100 + activity,
    }


def metadata(kind: str, number: int) -> dict[str, Any]:
    return {"version": VERSION, "product": PRODUCT, "uid": f"{kind}-{number}"}


def user(user_id: int | None, found: User | None, email: str) -> dict[str, Any]:
    if user_id is None:
        return {"name": "system", "type_id": SYSTEM_TYPE}
    address = email or (found.email if found else "")
    named = {"name": address, "email_addr": address} if address else {"name": f"person {user_id}"}
    return {"uid": str(user_id), "type_id": USER_TYPE, **named}


def erased(row: AuditEvent | AuditedAnswer) -> dict[str, Any]:
    return {"erased_time": milliseconds(row.erased_at), "erased_by": f"act-{row.erasure_id}"} if row.erased_at else {}


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
