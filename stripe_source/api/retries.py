"""When to ask again, and for how long: faults and limits are counted apart."""

import tenacity

from stripe_source.api.answers import TryAgain

ATTEMPTS = 8  # for faults; a 429 is part of normal work and gets more
UNANSWERED = 3  # faults that one is as good as that took a minute, while all else waits
LIMITED_ATTEMPTS = 30
FIRST_WAIT = 0.5
LONGEST_WAIT = 20.0


class Patience:
    """When to give up: faults and limits are counted apart, for limits are part of normal work."""

    def __init__(self) -> None:
        self.faults = 0
        self.limited = 0
        self.doubts = 0  # tries that may have been carried out

    def __call__(self, state: tenacity.RetryCallState) -> bool:
        """Whether the attempt at hand was the last."""
        fault = state.outcome.exception() if state.outcome else None
        if isinstance(fault, TryAgain) and fault.limited:
            self.limited += 1
        else:
            slow = isinstance(fault, TryAgain) and fault.unanswered
            self.faults += UNANSWERED if slow else 1
            self.doubts += isinstance(fault, TryAgain) and not fault.refused
        return self.faults >= ATTEMPTS or self.limited >= LIMITED_ATTEMPTS


def pause(state: tenacity.RetryCallState) -> float:
    """Seconds before the next attempt: random and growing, or what Stripe asks for."""
    backoff = tenacity.wait_random_exponential(multiplier=FIRST_WAIT, max=LONGEST_WAIT)
    fault = state.outcome.exception() if state.outcome else None
    asked = fault.after if isinstance(fault, TryAgain) else 0.0
    return max(backoff(state), asked)
