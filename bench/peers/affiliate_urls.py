"""The routes that django-affiliate-system's README gives."""

from django.urls import include, path
from django_affiliate_system.views import ReferralLinkRedirectView

urlpatterns = [
    path("affiliates/", include("django_affiliate_system.urls")),
    path("r/<slug:slug>/", ReferralLinkRedirectView.as_view()),
]
