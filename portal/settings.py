"""Every setting of the site; what an installation may change is read from the environment (README, Settings)."""

import os
import warnings
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from portal import env
from portal.shared import logs

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("CAIRN_DATA", str(BASE_DIR / "var")))

DEBUG = env.flag("CAIRN_DEBUG")
SECRET_KEY = env.secret("CAIRN_SECRET_KEY", file=DATA_DIR / "secret-key")
BIND = env.text("CAIRN_BIND", "127.0.0.1")
PORT = env.number("CAIRN_PORT", 8000)
SITE_URL = env.text("CAIRN_SITE_URL", f"http://localhost:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.hosts("CAIRN_ALLOWED_HOSTS", SITE_URL)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
HTTPS = SITE_URL.startswith("https://")
# Whether public test suites may have anything signed, with a key of its own. Refused on a site that others reach.
CONFORMANCE = env.conformance("CAIRN_CONFORMANCE", SITE_URL)
# How many proxies of ours stand before the site: only so much of X-Forwarded-For is believed (reliability T8).
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.number("CAIRN_PROXIES", 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and TRUSTED_PROXIES else None

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    # For its widget templates: forms are rendered with the site's own templates around them.
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "oauth2_provider",
    "portal.shared",
    "portal.accounts",
    "credentials",
    "pathways",
]

MIDDLEWARE = [
    "portal.shared.request_id.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.accounts.activity.SessionActivityMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.shared.reader.ReaderMiddleware",
    "portal.shared.error_pages.ErrorPagesMiddleware",
    "portal.shared.busy.BusyMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.shared.reader.appearance",
                "portal.navigation.roles_of_reader",
                "portal.shared.kept_pages.token_or_hole",
            ],
        },
    },
]

FORM_RENDERER = "portal.shared.forms.FormRenderer"
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"

DATABASES = {"default": env.database(env.text("DATABASE_URL"), sqlite_file=DATA_DIR / "cairn.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "portal.accounts.forms.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Browsers count http://localhost as safe for passkeys; the library must be told so.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
USERSESSIONS_TRACK_ACTIVITY = True

# Django 6 assumes https for an address typed without a scheme; until then it warns of the setting that asks for it.
warnings.filterwarnings("ignore", "The FORMS_URLFIELD_ASSUME_HTTPS transitional setting is deprecated.")
FORMS_URLFIELD_ASSUME_HTTPS = True

LANGUAGE_CODE = "en"
# Only what is translated whole is offered unasked: a page half in one language and half in another serves nobody.
_LANGUAGES = {"en": _("English"), "de": _("German"), "es": _("Spanish"), "ar": _("Arabic")}
LANGUAGES = [(code, _LANGUAGES[code]) for code in env.words("CAIRN_LANGUAGES", "en") if code in _LANGUAGES]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("CAIRN_TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "portal.shared.static_storage.StaticStorage"},
}

LOG_FORM = env.text("CAIRN_LOG", "lines")
LOGGING = logs.settings(LOG_FORM, env.text("CAIRN_LOG_LEVEL", "INFO").upper())

# Without a mail server each message is a file, so that nothing a person was promised is lost unseen.
EMAIL_HOST = env.text("EMAIL_HOST")
_mail = "smtp" if EMAIL_HOST else "filebased"
EMAIL_BACKEND = env.text("EMAIL_BACKEND", f"django.core.mail.backends.{_mail}.EmailBackend")
EMAIL_PORT = env.number("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
EMAIL_FILE_PATH = DATA_DIR / "mail"
DEFAULT_FROM_EMAIL = env.text("CAIRN_FROM_EMAIL", "Cairn <cairn@localhost>")

REDIS_URL = env.text("REDIS_URL")
CACHES = env.cache(REDIS_URL)
# Sessions live in the database: an emptied cache signs nobody out (reliability J7).
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# Which part of the site this process is; `up` tells its children. Only a worker may sign (reliability K1).
ROLE = env.text("CAIRN_ROLE", "command")
# Where the last signed head of the log is kept outside the database (L2); best on another volume.
CHECKPOINT_FILE = env.text("CAIRN_CHECKPOINT_FILE")
# Whose cosignatures under heads of the log are taken in and shown: witness keys, as they print them.
WITNESSES = env.words("CAIRN_WITNESSES")
# Where a head of the log is left each day, out of our reach: folders, or the dotted names of adapters.
ANCHORS = env.words("CAIRN_ANCHORS")
WORKERS = env.number("CAIRN_WORKERS", min(2, os.cpu_count() or 1))
WEB_WORKERS = env.number("CAIRN_WEB_WORKERS", min(2, os.cpu_count() or 1))
WORKER_QUEUES = env.words("CAIRN_QUEUES", "issue,render,mail,bulk")
CELERY_BROKER_URL = env.broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = "issue"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 50
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300 * 1024
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A request that rings the bell must not wait for a broker that is gone (J7).
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 1, "socket_connect_timeout": 1, "max_retries": 0}
# A child that hangs in something no limit of ours reaches is ended; its leases run out by themselves.
CELERY_TASK_TIME_LIMIT = 3600

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    },
}

# Whether verification may ask other sites for their keys and status lists (reliability T6).
FETCH = env.flag("CAIRN_FETCH", True)

# Author and approver of a rule are two people, except where an installation has one registrar and says so here.
SINGLE_REGISTRAR = env.flag("CAIRN_SINGLE_REGISTRAR")

# To whom people write about help, barriers and their data: an e-mail address, or the address of a page.
CONTACT = env.text("CAIRN_CONTACT")
# What people and wallets are told of the house's terms, and of how it treats personal data.
TERMS_URL = env.text("CAIRN_TERMS_URL", f"{SITE_URL}/")
PRIVACY_URL = env.text("CAIRN_PRIVACY_URL", f"{SITE_URL}/privacy/")
# Wallets and other hosts of badges act for learners who let them (credentials/decisions/0012).
OAUTH2_PROVIDER_APPLICATION_MODEL = "credentials.WalletClient"
MIGRATION_MODULES = {"oauth2_provider": "credentials.exchange.migrations"}
OAUTH2_PROVIDER = {
    "OAUTH2_SERVER_CLASS": "credentials.exchange.authorization.Server",
    "OAUTH2_VALIDATOR_CLASS": "credentials.exchange.authorization.Validator",
    "SCOPES_BACKEND_CLASS": "credentials.exchange.scopes.Scopes",
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    # Open Badges 3.0, section 7.2.2: at most ten minutes, and an hour.
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 600,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    # What is not used for so long after its last access token has to be granted anew.
    "REFRESH_TOKEN_EXPIRE_SECONDS": 180 * 86_400,
    # A refresh token is good once; one that comes back was stolen, and ends all that followed from it.
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    # Who answers is told beside the code (RFC 9207), by the name that the metadata have.
    "OIDC_ISS_ENDPOINT": SITE_URL,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING": True,
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portal.accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    # Refuse unless a view says that anybody may.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["portal.shared.rest.StrictJsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "portal.shared.rest.Pages",
    "DEFAULT_THROTTLE_CLASSES": ["portal.shared.rest.ByAddressOrPerson"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "portal.shared.rest.answer_problem",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Cairn",
    "VERSION": "1",
    "DESCRIPTION": "Catalogue, progress, grades, credentials and verification.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Fields of one name with other choices would be told apart by a hash, which changes with the choices.
    "ENUM_NAME_OVERRIDES": {
        "AchievementKindEnum": "credentials.models.Achievement.Kind",
        "CourseStateEnum": "pathways.models.Course.State",
        "EndorsedKindEnum": "credentials.models.GivenEndorsement.Kind",
        "PathwayStateEnum": "pathways.models.Pathway.State",
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "portal.shared.rest.document_problems"],
}
