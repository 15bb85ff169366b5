"""django-affiliate-system's own list of commissions: in Django's admin, with somebody signed in."""

from project import CODES, configure, prepare

configure(
    "commissions_urls",
    [
        "django.contrib.admin",
        "django.contrib.sessions",
        "django.contrib.messages",
        "rest_framework",
        "django_affiliate_system",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    STATIC_URL="/static/",
    AFFILIATE_SYSTEM={"DOMAIN_PROTOCOL": "https", "DOMAIN": "shop.example.com"},
)

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402 - once Django is set up
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django_affiliate_system.models import Affiliate  # noqa: E402


def fill() -> None:
    """Make affiliates, somebody who may see all, and their session, whose key is read from its table."""
    for code in CODES:
        Affiliate.objects.create(user=User.objects.create(username=code), code=code)
    staff = User.objects.create_superuser("staff", "staff@example.com", "only-for-measuring")
    session = SessionStore()
    session[SESSION_KEY] = str(staff.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = staff.get_session_auth_hash()
    session.create()


prepare(fill)
application = get_wsgi_application()
