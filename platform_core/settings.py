"""Django's settings. Every value that may differ between installations comes through `platform_core.env`."""

from pathlib import Path

from corsheaders.defaults import default_headers

from platform_core import addresses, database, env, logs, mail_settings, object_store
from platform_core.sign_in_settings import *  # noqa: F403

BASE_DIR = env.CHECKOUT
SECRET_KEY = env.secret_key()
DEBUG = env.get("DEBUG")
ALLOWED_HOSTS = env.get("ALLOWED_HOSTS")
PROXIES = addresses.trusted(env.get("TRUSTED_PROXIES"))

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "axes",
    "corsheaders",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "platform_core.apps.PlatformConfig",
    "users",
    "platform_core.records.apps.RecordsConfig",
    "request_logs",
    "connectors",
    "ml_services",
    "file_uploads",
    "procrastinate.contrib.django",
    "api_gateway",
    "dashboard",
]

MIDDLEWARE = [
    "platform_core.middleware.RequestId",
    "platform_core.middleware.CarefulHeaders",
    "users.middleware.Asking",
    "api_gateway.problems.ApiProblems",
    "platform_core.middleware.Measured",
    "request_logs.access.Requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "platform_core.middleware.PageSessions",
    "platform_core.middleware.SlashForPages",
    "platform_core.middleware.PageForgery",
    "platform_core.middleware.PageSignIn",
    "api_gateway.limits.pages.PageLimits",
    "platform_core.middleware.PageMessages",
    "platform_core.middleware.PagePolicy",
]

ROOT_URLCONF = "platform_core.urls"
WSGI_APPLICATION = "platform_core.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboard.access.framed",
            ]
        },
    }
]

DATABASES = {"default": database.settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "users.User"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"

REGISTRATION_OPEN = env.get("REGISTRATION_OPEN")
PUBLIC_URL = mail_settings.public_url(env.get("PUBLIC_URL"), env.get("HOST"), env.get("PORT"))
MAIL = mail_settings.of(env.get("EMAIL_URL"), env.get("EMAIL_FROM"))
globals().update(MAIL)

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
MODELS_ROOT = Path(env.get("MODELS_STORE") or BASE_DIR / "models_store")
FILES_ROOT = Path(env.get("FILES_STORE") or env.home() / "files")
STORAGES: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
    "models": object_store.settings("MODELS_BUCKET", MODELS_ROOT),
    "files": object_store.settings("FILES_BUCKET", FILES_ROOT),
}

DATA_UPLOAD_MAX_MEMORY_SIZE = env.get("MAX_BODY_KB") * 1024
MAX_UPLOAD_BYTES = env.get("MAX_UPLOAD_MB") * 1024 * 1024
LIMITS = {name: env.get(name) for name in env.SETTINGS if name.startswith("LIMIT_")}
CACHE_URL = env.get("CACHE_URL")
APPEND_SLASH = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "users.authentication.ApiKeyAuthentication",
        "users.authentication.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["users.permissions.InCompany"],
    "DEFAULT_PARSER_CLASSES": ["api_gateway.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["api_gateway.renderers.FastJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api_gateway.negotiation.JSONOnly",
    "DEFAULT_SCHEMA_CLASS": "api_gateway.openapi.PlatformSchema",
    "DEFAULT_PAGINATION_CLASS": "api_gateway.pagination.Pages",
    "EXCEPTION_HANDLER": "api_gateway.problems.answer",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Prediction platform",
    "DESCRIPTION": "Predictions on a company's own data, with exact reasons and honest evidence.",
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "TAGS": [
        {"name": name}
        for name in (
            "Predictions",
            "Outcomes",
            "Models",
            "Records",
            "Logs",
            "Company",
            "Keys",
            "Audit",
            "Privacy",
            "Sign-in",
            "Installation",
        )
    ],
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [],
    # It would make the document, which asks the database for versions. The tests look at the document.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}
CORS_ALLOWED_ORIGINS = env.get("CORS_ALLOWED_ORIGINS")
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "x-api-key", "x-request-id"]
CORS_EXPOSE_HEADERS = [
    "Idempotency-Replayed", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After", "X-Request-ID",
]  # fmt: skip
CORS_URLS_REGEX = r"^/api/.*$"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
HTTPS = env.get("HTTPS")
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)/$"]
SECURE_HSTS_SECONDS = env.get("HSTS_SECONDS") if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.get("TRUSTED_PROXIES") else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS or env.get("SECURE_COOKIES")
CSRF_TRUSTED_ORIGINS = [mail_settings.origin(PUBLIC_URL)]  # also where the proxy's word on HTTPS is not believed
# Our own subclasses of these middlewares, or what stands for them, are there; Django looks for its own by name.
SILENCED_SYSTEM_CHECKS = ["security.W002", "security.W003", "axes.W002"]

METRICS_TOKEN = env.get("METRICS_TOKEN")

logs.hide(SECRET_KEY, str(DATABASES["default"].get("PASSWORD", "")), METRICS_TOKEN, env.get("AWS_SECRET_ACCESS_KEY"))
logs.hide(MAIL.get("EMAIL_HOST_PASSWORD"))
LOGGING = logs.configuration(env.get("LOG_LEVEL"))
