"""The chat's pages."""

from django.contrib.auth.views import LoginView, LogoutView
from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from chat.conversations import views
from chat.feedback.views import feedback
from chat.tools import views as tools

urlpatterns = [
    path(
        "sign-in/", LoginView.as_view(template_name="chat/sign_in.html", redirect_authenticated_user=True), name="login"
    ),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("favicon.ico", RedirectView.as_view(url=static("img/logo.svg"))),  # pages without a head: files, the API
    path("", views.new_chat, name="new_chat"),
    path("c/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/delete", views.delete_conversation, name="delete_conversation"),
    path("sources/<uuid:request_id>/<int:n>/", views.source, name="source"),
    path("answers/<uuid:request_id>/feedback", feedback, name="feedback"),
    path("tools/<uuid:use_id>/", tools.card, name="tool_card"),
    path("tools/<uuid:use_id>/confirm", tools.confirm, name="tool_confirm"),
    path("tools/<uuid:use_id>/decline", tools.decline, name="tool_decline"),
    path("documents/<int:version_id>/", views.document, name="document"),
    path("documents/<int:version_id>/file", views.document_file, name="document_file"),
]
