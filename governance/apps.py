from django.apps import AppConfig
from django.core.checks import register


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = "Governance"

    def ready(self) -> None:
        from governance.gateway.checks import model_folders_hold_models

        register(model_folders_hold_models)
