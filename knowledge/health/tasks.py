"""Celery's side of health cards."""

from celery import shared_task


@shared_task(name="knowledge.health.tasks.complete_cards")
def complete_cards() -> None:
    """Complete one card, and pass the message on while more wait: reading files comes first."""
    from knowledge.health.services import complete_next_card, waiting_cards
    from knowledge.ingest.turns import due

    if not due().exists() and complete_next_card() and waiting_cards().exists():
        complete_cards.delay()
