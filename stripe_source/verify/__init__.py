"""``verify``: whether the destination is as the account is, and where it is not. Writes nothing."""

from stripe_source.verify.verification import SAMPLE, TableCheck, Verification, Wanted, verify

__all__ = ["SAMPLE", "TableCheck", "Verification", "Wanted", "verify"]
