"""The API key: what its text tells, and a repr that never shows it."""

import re
from dataclasses import dataclass, field

from stripe_source.errors import AccessError

PATTERN = re.compile(r"(sk|rk)_(live|test)_[A-Za-z0-9_]{4,}")


@dataclass(frozen=True)
class ApiKey:
    """A secret or restricted key. ``secret`` goes into the Authorization header, nowhere else."""

    secret: str = field(repr=False)

    @property
    def kind(self) -> str:
        """``secret`` or ``restricted``."""
        return "secret" if self.secret.startswith("sk_") else "restricted"

    @property
    def livemode(self) -> bool:
        """Whether the key reads live data rather than a sandbox's."""
        return "_live_" in self.secret[:8]

    @property
    def masked(self) -> str:
        """The key as Stripe's own messages show it: kind, mode and the last four characters."""
        shown = self.secret[-4:] if len(self.secret) >= 20 else ""
        return f"{self.secret[:8]}****{shown}"

    def redact(self, text: str) -> str:
        """The text with the key in it masked, whatever put it there."""
        return text.replace(self.secret, self.masked)


def is_key(text: str) -> bool:
    """Whether a text has the shape of a key."""
    return PATTERN.fullmatch(text) is not None


def parse_key(text: str | None) -> ApiKey:
    """Check the shape of a key before anything is sent. Raises AccessError, never with the key."""
    secret = (text or "").strip()
    if not secret:
        raise AccessError(
            "no Stripe key: set STRIPE_SECRET_KEY, or sources.stripe_source.stripe_secret_key in "
            ".dlt/secrets.toml"
        )
    if secret.startswith("pk_"):
        raise AccessError(
            "this is a publishable key (pk_...), which cannot read data; use a secret (sk_...) or "
            "restricted (rk_...) key"
        )
    if not PATTERN.fullmatch(secret):
        raise AccessError(
            "the Stripe key is malformed or cut short: it should look like sk_live_..., "
            "sk_test_..., rk_live_... or rk_test_..."
        )
    return ApiKey(secret)
