"""API keys: what a request may do, and the answers to a key that may not."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass

from stripe_source.simulator.api.errors import ApiError


@dataclass
class Key:
    """One key; ``permissions`` of None means all of them (a secret key).

    ``account`` is whose it is; without, the platform's.
    """

    text: str
    permissions: frozenset[str] | None = None
    revoked: bool = False
    expired: bool = False
    account: str | None = None

    def masked(self) -> str:
        """``sk_test_****abcd``, as error messages show it."""
        head, _, body = self.text.rpartition("_")
        return f"{head}_****{body[-4:]}"


class Keys:
    """The keys of a platform's account, and of those connected to it."""

    def __init__(self) -> None:
        self.by_text: dict[str, Key] = {}

    def add(
        self, text: str, permissions: set[str] | None = None, account: str | None = None
    ) -> Key:
        """Let a key in."""
        restricted = None if permissions is None else frozenset(permissions)
        key = self.by_text[text] = Key(text, restricted, account=account)
        return key

    def account_of(self, headers: Mapping[str, str]) -> str | None:
        """The account that a request names, else that of its key; None for the platform's."""
        key = self.by_text.get(key_text(headers.get("authorization")))
        return headers.get("stripe-account") or (key.account if key else None)

    def check(self, header: str | None) -> Key:
        """The key of an ``Authorization`` header, or the documented 401."""
        text = key_text(header)
        if not text:
            raise ApiError(
                401,
                "You did not provide an API key. You need to provide your API key in the "
                "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                "YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or "
                "we can help at https://support.stripe.com/.",
            )
        if text.startswith("pk_"):
            raise ApiError(
                401,
                "This API call cannot be made with a publishable API key. Please use a secret API "
                "key. You can find a list of your API keys at "
                "https://dashboard.stripe.com/account/apikeys.",
                code="secret_key_required",
            )
        key = self.by_text.get(text)
        if key is None or key.revoked:
            raise ApiError(401, f"Invalid API Key provided: {Key(text).masked()}")
        if key.expired:
            raise ApiError(401, f"Expired API Key provided: {key.masked()}", code="api_key_expired")
        return key


def key_text(header: str | None) -> str:
    """The key in a Bearer or Basic header; empty where there is none."""
    scheme, _, value = (header or "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return b64decode(value).decode().partition(":")[0]
        except (Base64Error, UnicodeDecodeError):
            return ""
    return ""


def require(key: Key, permission: str, account_id: str) -> None:
    """The 403 of a restricted key without the permission."""
    if key.permissions is not None and permission not in key.permissions:
        raise missing_permission(key, permission, account_id)


def missing_permission(key: Key, permission: str, account_id: str) -> ApiError:
    """What a restricted key lacks."""
    return ApiError(
        403,
        f"The provided key '{key.masked()}' does not have the required permissions for this "
        f"endpoint on account '{account_id}'. Having the '{permission}' permission would allow "
        "this request to continue.",
    )
