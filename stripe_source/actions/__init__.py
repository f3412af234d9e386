"""The write side: what can be done in Stripe, one file of ``catalog`` per action."""
