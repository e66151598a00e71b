"""Celery's side of alerts."""

from celery import shared_task


@shared_task(name="governance.guardrails.reviews.tasks.tell_of")
def tell_of(alert_id: int) -> None:
    from governance.guardrails.reviews.alerts import tell
    from governance.guardrails.reviews.models import AbuseAlert

    alert = AbuseAlert.objects.select_related("user").filter(pk=alert_id).first()
    if alert:
        tell(alert)
