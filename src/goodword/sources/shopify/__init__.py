"""What Shopify's webhooks send: orders, refunds and disputes, signed."""
