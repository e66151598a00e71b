"""Where each address leads."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from askacme.api import api
from askacme.health import healthz, readyz
from chat.openai.api import api as as_a_model

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("i18n/setlang/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("v1/", as_a_model.urls),
    path("", include("chat.urls")),
]
