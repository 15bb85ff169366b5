"""The client of Goodword: events that are never counted twice, lists, approvals with frozen lists, webhooks.

``Goodword`` and ``AsyncGoodword`` have the same calls; ``models`` has what they take and give, made from the published document.
"""

from goodword_client import models
from goodword_client.aio import AsyncGoodword
from goodword_client.errors import (
    ApiError,
    EventRefusedError,
    FullError,
    GoodwordError,
    UnreachableError,
    WebhookError,
)
from goodword_client.queue import Queue, Refused
from goodword_client.sync import Goodword
from goodword_client.webhooks import Webhook

__all__ = [
    "ApiError",
    "AsyncGoodword",
    "EventRefusedError",
    "FullError",
    "Goodword",
    "GoodwordError",
    "Queue",
    "Refused",
    "UnreachableError",
    "Webhook",
    "WebhookError",
    "models",
]
__version__ = "0.1.0"
