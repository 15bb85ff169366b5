"""HubSpot: what its webhooks name, and what its objects hold."""
