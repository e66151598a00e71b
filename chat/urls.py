"""The chat's pages."""

from django.contrib.auth.views import LoginView, LogoutView
from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from chat.conversations import list_views, views
from chat.disclosure.views import readings
from chat.escalation import inbox_views as inbox
from chat.escalation import views as escalation
from chat.export import views as export
from chat.feedback.views import feedback
from chat.guarding.views import wrongly_filtered
from chat.proof import views as proof
from chat.sharing import views as sharing
from chat.tools import views as tools
from chat.transparency import views as transparency

urlpatterns = [
    path(
        "sign-in/", LoginView.as_view(template_name="chat/sign_in.html", redirect_authenticated_user=True), name="login"
    ),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("favicon.ico", RedirectView.as_view(url=static("img/logo.svg"))),  # pages without a head: files, the API
    path("", views.new_chat, name="new_chat"),
    path("c/<uuid:conversation_id>/", views.conversation, name="conversation"),
    path("c/<uuid:conversation_id>/branch/<uuid:request_id>", views.show_branch, name="show_branch"),
    path("c/<uuid:conversation_id>/menu", list_views.conversation_menu, name="conversation_menu"),
    path("c/<uuid:conversation_id>/rename", list_views.rename_conversation, name="rename_conversation"),
    path("c/<uuid:conversation_id>/pin", list_views.pin_conversation, name="pin_conversation"),
    path("c/<uuid:conversation_id>/delete", list_views.delete_conversation, name="delete_conversation"),
    path("c/<uuid:conversation_id>/export", export.conversation_markdown, name="export_conversation"),
    path("c/<uuid:conversation_id>/share", sharing.share_conversation, name="share_conversation"),
    path("conversations/search", list_views.search_conversations, name="search_conversations"),
    path("conversations/older", list_views.older_conversations, name="older_conversations"),
    path("temporary/", views.temporary_chat, name="temporary_chat"),
    path("notice/", transparency.notice, name="notice"),
    path("about/", transparency.about, name="about"),
    path("about.json", transparency.about_json, name="about_json"),
    path("colleagues", sharing.colleagues, name="colleagues"),
    path("shared/<uuid:share_id>/", sharing.shared, name="shared"),
    path("shared/<uuid:share_id>/end", sharing.end_share, name="end_share"),
    path("answers/<uuid:request_id>/markdown", export.answer_markdown, name="answer_markdown"),
    path("sources/<uuid:request_id>/<int:n>/", proof.source, name="source"),
    path("answers/<uuid:request_id>/feedback", feedback, name="feedback"),
    path("answers/<uuid:request_id>/wrong", wrongly_filtered, name="wrongly_filtered"),
    path("answers/<uuid:request_id>/ask", escalation.ask_person, name="ask_person"),
    path("escalations/<uuid:escalation_id>/withdraw", escalation.withdraw, name="withdraw_question"),
    path("escalations/<uuid:escalation_id>/seen", escalation.seen, name="reply_seen"),
    path("readings/", readings, name="readings"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/link", inbox.inbox_link, name="inbox_link"),
    path("inbox/<uuid:escalation_id>/", inbox.question, name="inbox_question"),
    path("inbox/<uuid:escalation_id>/<slug:what>", inbox.act, name="inbox_act"),
    path("tools/<uuid:use_id>/", tools.card, name="tool_card"),
    path("tools/<uuid:use_id>/confirm", tools.confirm, name="tool_confirm"),
    path("tools/<uuid:use_id>/decline", tools.decline, name="tool_decline"),
    path("documents/<int:version_id>/", proof.document, name="document"),
    path("documents/<int:version_id>/file", proof.document_file, name="document_file"),
]
