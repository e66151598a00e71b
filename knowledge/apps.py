from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "knowledge"
    verbose_name = "Knowledge"

    def ready(self) -> None:
        from governance.audit.stores import register
        from knowledge.audience.deletions import listen
        from knowledge.documents.handover import STORES

        listen()
        register(*STORES)
