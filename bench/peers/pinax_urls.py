"""The routes of pinax-referrals."""

from django.urls import include, path

urlpatterns = [path("ref/", include("pinax.referrals.urls", namespace="pinax_referrals"))]
