"""Django's settings. Whatever differs between installations comes from `askacme.config`."""

from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.urls import reverse_lazy

from askacme.config import BASE_DIR, load
from askacme.lib.urls import database_from_url, email_from_url

django_stubs_ext.monkeypatch()

ASKACME = load()

SECRET_KEY = ASKACME.signing_key()
DEBUG = ASKACME.debug
ALLOWED_HOSTS = list(ASKACME.allowed_hosts)

INSTALLED_APPS = [
    "daphne",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "servestatic",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "django_htmx",
    "django_linear_migrations",
    "template_partials.apps.SimpleAppConfig",
    "askacme",
    "governance",
    "knowledge",
    "chat",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "askacme.lib.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "askacme.urls"
ASGI_APPLICATION = "askacme.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": ["template_partials.templatetags.partials", "governance.guardrails.pii.shown"],
        },
    },
]

# Commands without a database (makemigrations) look for one nevertheless, and would wait for a pool to connect.
POOL = {"min_size": 1, "max_size": 16, "timeout": 20}
# psycopg's prepared statements would keep a generic plan and may then ignore the vector index.
SESSION = {
    # The vector index: how many neighbours it keeps in sight, and how many rows that a filter throws away it goes on
    # after. More find more and take longer; measured in `make bench`.
    "hnsw.ef_search": 100,
    "hnsw.iterative_scan": "strict_order",
    "hnsw.max_scan_tuples": 4000,
    # Queries here take milliseconds: starting a worker for one takes longer than it saves.
    "max_parallel_workers_per_gather": 0,
}
DATABASES = {
    "default": {
        **database_from_url(ASKACME.database_url),
        "OPTIONS": {
            "prepare_threshold": None,
            "options": " ".join(f"-c {name}={value}" for name, value in SESSION.items()),
            **({"pool": POOL} if ASKACME.database_url else {}),
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = ASKACME.redis_url or "redis://127.0.0.1:6379/0"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "askacme.lib.layer.PatientLayer",
        # channels-redis waits five seconds for a message, as long as redis-py by default waits for any answer at all.
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": 30}]},
    }
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# While one thread's text is embedded, the others parse and store: the model, which is the slow part, never waits.
CELERY_WORKER_CONCURRENCY = 3
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "resume-stalled-ingestion": {"task": "knowledge.ingest.tasks.resume_stalled", "schedule": 10.0},
    "complete-health-cards": {"task": "knowledge.health.tasks.complete_cards", "schedule": 15.0},
    "resume-search-indexes": {"task": "knowledge.index.tasks.resume_indexes", "schedule": 30.0},
    "send-review-reminders": {
        "task": "knowledge.documents.tasks.send_review_reminders",
        "schedule": crontab(hour="7", minute="0"),
    },
    "sync-due-sources": {"task": "knowledge.sources.tasks.sync_due_sources", "schedule": 600.0},
    "send-escalation-mail": {"task": "chat.escalation.tasks.send_mail", "schedule": 60.0},
    "delete-temporary-conversations": {"task": "chat.conversations.tasks.delete_temporary", "schedule": 300.0},
    "tidy-tool-uses": {"task": "chat.tools.tasks.tidy_tool_uses", "schedule": 60.0},
    "anchor-the-audit-record": {"task": "governance.audit.tasks.anchor", "schedule": crontab(minute="0")},
    "apply-retention": {"task": "governance.audit.tasks.retain", "schedule": crontab(hour="3", minute="20")},
    "sweep-holds": {"task": "governance.gateway.money.tasks.sweep_holds", "schedule": 30.0},
    "alert-budgets": {"task": "governance.gateway.money.tasks.alert_budgets", "schedule": 30.0},
    "watch-canary": {"task": "governance.prompts.releases.tasks.watch_canary", "schedule": 30.0},
    "close-orphaned-runs": {"task": "chat.runs.tasks.close_orphaned_runs", "schedule": 30.0},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(ASKACME.var / "celerybeat-schedule")

AUTH_USER_MODEL = "governance.User"
AUTHENTICATION_BACKENDS = ["governance.access.backends.EmailBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("login")
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL

DEFAULT_FROM_EMAIL = ASKACME.email_from
globals().update(email_from_url(ASKACME.email_url.get_secret_value()))

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = ASKACME.var / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
SERVESTATIC_USE_FINDERS = True
MEDIA_ROOT = ASKACME.files_dir
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILE_UPLOAD_TEMP_DIR: Path | None = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if ASKACME.public_url.startswith("https://"):
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
if ASKACME.public_url:
    CSRF_TRUSTED_ORIGINS = [ASKACME.public_url.rstrip("/")]
    ALLOWED_HOSTS.append(urlsplit(ASKACME.public_url).hostname or "")

CONTENT_SECURITY_POLICY = {
    # The admin's own theme (django-unfold with Alpine) evaluates expressions and sets inline styles.
    "EXCLUDE_URL_PREFIXES": ("/admin/", "/api/v1/docs"),
    "DIRECTIVES": {
        "default-src": [SELF],
        "connect-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

UNFOLD = {
    "SITE_TITLE": "AskAcme",
    "SITE_HEADER": "AskAcme",
    "SITE_SUBHEADER": "Knowledge console",
    "SITE_URL": "/",
    "SITE_SYMBOL": "verified",
    "SHOW_VIEW_ON_SITE": False,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "askacme.console.icon"}],
    "STYLES": ["askacme.console.style_sheet"],
    "SIDEBAR": {"navigation": "askacme.console.navigation"},
    "DASHBOARD_CALLBACK": "knowledge.documents.overview.overview",
    "COLORS": {
        "primary": {
            "50": "240 253 250",
            "100": "204 251 241",
            "200": "153 246 228",
            "300": "94 234 212",
            "400": "45 212 191",
            "500": "20 184 166",
            "600": "15 118 110",
            "700": "17 94 89",
            "800": "19 78 74",
            "900": "15 63 60",
            "950": "4 47 46",
        }
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname:<7} {name}: {message}", "style": "{"}},
    "filters": {"discreet": {"()": "governance.guardrails.pii.log_filter.Discreet"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["discreet"]}},
    "root": {"handlers": ["console"], "level": ASKACME.log_level},
    "loggers": {
        "celery": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        "django.channels.server": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "mcp": {"level": "WARNING"},
        "sentence_transformers": {"level": "WARNING"},
    },
}
