"""The routes of Django's admin, with the list of commissions as somebody sets it up who has many.

As the package registers it, its side bar has a link for each purchase there is: a million of them would be compared with nothing.
"""

from django.contrib import admin
from django.urls import path
from django_affiliate_system.models import Commission


class Commissions(admin.ModelAdmin):  # type: ignore[misc, type-arg]
    """Fifty a page, the newest first, with who is to get what; filtered by status."""

    list_display = ("affiliate", "referral_action", "amount", "rate", "status", "calculated_at")
    list_filter = ("status",)
    list_per_page = 50
    list_select_related = (
        "affiliate",
        "referral_action",
        "referral_action__affiliate",
        "referral_action__referral_link",
    )


admin.site.unregister(Commission)
admin.site.register(Commission, Commissions)
urlpatterns = [path("admin/", admin.site.urls)]
