# ruff: noqa: INP001 - an example, not a package
"""An approval tool of one's own: it is told what waits, and decides in the name of a member, by that member's own key.

It holds the frozen list that the member was shown, and sends that very list back: what has changed since decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from goodword_client import Goodword, Webhook
from goodword_client.models import Decision, ListToDecide


class ApprovalTool:
    """The tool of one member. ``key``: the member's own; ``secret``: of an endpoint for ``reward.in_review``."""

    def __init__(self, url: str, key: str, secret: str) -> None:
        self._api = Goodword(url, key)
        self._webhook = Webhook(secret)
        self.waiting: dict[str, ListToDecide] = {}

    def close(self) -> None:
        """Close its connections."""
        self._api.close()

    def receive(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Keep what waits for the member, as it is now. Raises WebhookError for a delivery that is forged or old: answer 400."""
        message = self._webhook.verify(body, headers)
        if message["type"] == "reward.in_review":
            reward = message["data"]["id"]
            self.waiting[reward] = self._api.approvals.list([reward])

    def approve(self, reward: str, seconds: int) -> Decision:
        """Say what the member decided, who looked for so long. Raises ApiError, whose ``code`` says why it decides nothing.

        What has ``item_changed`` is shown anew. ``second_person_needed`` is an outcome and no error: another member is asked, too.
        """
        self._api.rewards.look(reward, seconds=seconds)
        return self._api.approvals.approve(self.waiting[reward])

    def reject(self, reward: str, seconds: int, reason: str) -> Decision:
        """Say that the member decided against it. ``reason``: a code, such as ``abuse``."""
        self._api.rewards.look(reward, seconds=seconds)
        return self._api.rewards.reject(self.waiting[reward]["items"], reason=reason)
