"""django-affiliate-system as a project of one file: ``python affiliate.py prepare``, then ``gunicorn affiliate``."""

from project import CODES, LANDING, configure, prepare

configure(
    "affiliate_urls",
    ["rest_framework", "django_affiliate_system"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    AFFILIATE_SYSTEM={"DOMAIN_PROTOCOL": "https", "DOMAIN": "shop.example.com"},
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
)

from django.contrib.auth.models import User  # noqa: E402 - models exist once Django is set up
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django_affiliate_system.models import Affiliate, CommissionRule, ReferralLink  # noqa: E402


def fill() -> None:
    """Make an affiliate with a link for each code, and the rule that a purchase earns ten percent."""
    for code in CODES:
        user = User.objects.create(username=code, email=f"{code}@example.com")
        affiliate = Affiliate.objects.create(user=user, code=code)
        ReferralLink.objects.create(affiliate=affiliate, slug=code, destination_url=LANDING)
    CommissionRule.objects.create(name="purchase", action_type="purchase", value=10, max_value=50)


prepare(fill)
application = get_wsgi_application()
