"""Taking back a message by the account that heard it: ids are not the same for two accounts."""

from __future__ import annotations

from collections.abc import Mapping

from qqgroup_provision.behavior.decision import Recall
from qqgroup_provision.bot.doing import Account


async def take_back(
    action: Recall, group: int, account: Account, accounts: Mapping[int, Account], heard_by: int
) -> None:
    """Take it back. One that was said earlier is looked at before: whether it is theirs whose it was.

    Raises where the account that heard it is not there, or it is somebody else's.
    """
    hearer = accounts.get(action.account) if action.account else account
    if hearer is None or (not action.account and account.number != heard_by):
        raise RuntimeError("another account heard the message, and each has ids of its own")
    if action.account and await hearer.sender_of(group, action.message) != action.sender:
        raise RuntimeError("the message is somebody else's")
    await hearer.recall(group, action.message)
