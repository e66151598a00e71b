from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import post_migrate


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = "Governance"

    def ready(self) -> None:
        from governance.audit.retention import STORES
        from governance.audit.stores import register as register_stores
        from governance.gateway.checks import model_folders_hold_models
        from governance.gateway.money.shipped import load_shipped
        from governance.gateway.routing.shipped import ship
        from governance.guardrails.reviews.keeping import STORES as REVIEWS
        from governance.prompts.shipped import ship as ship_prompts

        register(model_folders_hold_models)
        register_stores(*STORES, *REVIEWS)
        post_migrate.connect(load_shipped, sender=self)
        post_migrate.connect(ship, sender=self)
        post_migrate.connect(ship_prompts, sender=self)
