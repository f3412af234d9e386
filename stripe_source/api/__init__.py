"""How Stripe is reached: key, version pin, limiter, retries, answers as raw bytes."""
