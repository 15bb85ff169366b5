"""pinax-referrals as a project of one file: ``python pinax_project.py prepare``, then ``gunicorn pinax_project``."""

from project import CODES, LANDING, configure, prepare

configure(
    "pinax_urls",
    ["django.contrib.sessions", "django.contrib.sites", "pinax.referrals"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "pinax.referrals.middleware.SessionJumpingMiddleware",
    ],
    SITE_ID=1,
    PINAX_REFERRALS_ALLOWED_REDIRECT_HOSTS=["shop.example.com"],
)

from django.core.wsgi import get_wsgi_application  # noqa: E402 - models exist once Django is set up
from pinax.referrals.models import Referral  # noqa: E402


def fill() -> None:
    """Make a referral link for each code."""
    for code in CODES:
        Referral.objects.create(code=code, redirect_to=LANDING)


prepare(fill)
application = get_wsgi_application()
