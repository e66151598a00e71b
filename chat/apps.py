from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = "Chat"

    def ready(self) -> None:
        from chat.keeping.stores import STORES
        from governance.audit.stores import register

        register(*STORES)
