"""Where each address leads."""

from django.contrib import admin
from django.urls import include, path

from askacme.api import api
from askacme.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("", include("chat.urls")),
]
