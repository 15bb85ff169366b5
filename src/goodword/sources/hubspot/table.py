"""What becomes of each field of HubSpot's notices and objects, by object and path; what does not stand here is not even asked for.

Must not know: how a field is read.
"""

from collections.abc import Mapping
from typing import Final

from goodword.sources.fields import CHECKED, IGNORED, PERSONAL, Treatment, used

#: What the company's own properties are called, of which one says a code, and one what the company calls a customer itself.
CODES: Final = ("goodword_code", "referral_code")
CUSTOMER: Final = "goodword_customer"

#: Path -> treatment; of what is used ``to`` is the field of the native event.
FIELDS: Final[Mapping[str, Treatment]] = {
    "notice.subscriptionType": CHECKED,
    "notice.objectTypeId": CHECKED,
    "notice.objectId": CHECKED,
    "notice.occurredAt": CHECKED,
    "notice.eventId": CHECKED,
    "notice.propertyName": CHECKED,
    "notice.primaryObjectId": CHECKED,
    "notice.newObjectId": CHECKED,
    "notice.fromObjectId": CHECKED,
    "notice.propertyValue": IGNORED,
    "notice.mergedObjectIds": IGNORED,
    "notice.toObjectId": IGNORED,
    "notice.subscriptionId": IGNORED,
    "notice.portalId": IGNORED,
    "notice.appId": IGNORED,
    "notice.attemptNumber": IGNORED,
    "notice.changeSource": IGNORED,
    "notice.changeFlag": IGNORED,
    "notice.sourceId": IGNORED,
    "notice.isSensitive": IGNORED,
    "contacts.id": used("customer_external_id"),
    "contacts.createdAt": used("occurred_at"),
    "contacts.updatedAt": used("occurred_at"),
    "contacts.archived": CHECKED,
    "contacts.properties.email": PERSONAL,
    "contacts.properties.firstname": PERSONAL,
    "contacts.properties.lastname": PERSONAL,
    "contacts.properties.phone": PERSONAL,
    "contacts.properties.mobilephone": PERSONAL,
    "contacts.properties.company": used("company"),
    "contacts.properties.hs_language": used("language"),
    "contacts.properties.hs_country_region_code": used("country"),
    "contacts.properties.country": used("country"),
    "contacts.properties.goodword_code": used("code"),
    "contacts.properties.referral_code": used("code"),
    "contacts.properties.goodword_customer": used("customer_external_id"),
    "contacts.propertiesWithHistory": used("occurred_at"),
    "contacts.associations.companies": CHECKED,
    "companies.id": used("company_id"),
    "companies.updatedAt": used("occurred_at"),
    "companies.archived": CHECKED,
    "companies.properties.name": used("company"),
    "companies.properties.domain": used("company_domain"),
    "companies.associations.contacts": used("customer_external_id"),
    "deals.id": used("deal_id"),
    "deals.createdAt": used("opened_at"),
    "deals.updatedAt": used("occurred_at"),
    "deals.archived": CHECKED,
    "deals.properties.amount": used("amount"),
    "deals.properties.deal_currency_code": used("currency"),
    "deals.properties.dealstage": used("stage"),
    "deals.properties.hs_is_closed": used("status"),
    "deals.properties.hs_is_closed_won": used("status"),
    "deals.properties.closedate": used("occurred_at"),
    "deals.properties.createdate": used("opened_at"),
    "deals.properties.goodword_code": used("code"),
    "deals.properties.referral_code": used("code"),
    "deals.properties.goodword_registration": used("registration_id"),
    "deals.propertiesWithHistory": CHECKED,
    "deals.associations.contacts": used("customer_external_id"),
    "deals.associations.companies": used("company_id"),
}
