"""Celery's side of money."""

from celery import shared_task


@shared_task(name="governance.gateway.money.tasks.sweep_holds")
def sweep_holds() -> None:
    from governance.gateway.money.sweep import sweep

    sweep()


@shared_task(name="governance.gateway.money.tasks.alert_budgets")
def alert_budgets() -> None:
    from governance.gateway.money.alerts import alert_where_due

    alert_where_due()
