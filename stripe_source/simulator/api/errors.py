"""Stripe's error answers, with the texts that clients are known to match on.

The texts were gathered from public connectors that quote them.
"""

from __future__ import annotations

from collections.abc import Mapping

from stripe_source.simulator.types import Json


class ApiError(Exception):
    """An answer with an ``error`` body; ``status`` is the HTTP status.

    ``executed`` says that the endpoint had begun its work, so that an idempotency key keeps the
    answer.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
        kind: str | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.headers = dict(headers or {})
        self.kind = kind or ("api_error" if status >= 500 else "invalid_request_error")
        self.more = dict(more or {})
        self.executed = False

    def body(self) -> Json:
        """The JSON body."""
        error: Json = {"message": self.message, "type": self.kind}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        return {"error": error | self.more}


def declined(intent: Json) -> ApiError:
    """The answer to a payment that its card refused; the intent says why."""
    error = intent["last_payment_error"]
    more = {name: error[name] for name in ("charge", "decline_code") if error[name]}
    return ApiError(402, error["message"], code=error["code"], kind="card_error",
                    more=more | {"payment_intent": intent})  # fmt: skip


def unknown_url(method: str, path: str) -> ApiError:
    """No such endpoint."""
    return ApiError(
        404,
        f"Unrecognized request URL ({method}: {path}). "
        "Please see https://stripe.com/docs or we can help at https://support.stripe.com/.",
    )


def unknown_parameter(name: str, *others: str, meant: str = "") -> ApiError:
    """Parameters that the endpoint does not take, and the one that may have been meant."""
    text = f"Received unknown parameter{'s' * bool(others)}: {', '.join((name, *others))}"
    hint = f". Did you mean {meant}?" if meant else ""
    return ApiError(400, text + hint, code="parameter_unknown", param=name)


def missing_parameter(name: str) -> ApiError:
    """A required parameter that is absent."""
    return ApiError(400, f"Missing required param: {name}.", code="parameter_missing", param=name)


def not_simulated(name: str) -> ApiError:
    """A parameter of Stripe's that would change what happens and that nothing here carries out."""
    return ApiError(400, f"The simulator does not do `{name}` (Stripe does).", param=name)


def empty_parameter(name: str) -> ApiError:
    """The empty text where nothing can be unset."""
    return ApiError(
        400,
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset "
        f"a parameter; however '{name}' cannot be unset. You should remove '{name}' from your "
        "request or supply a non-empty value.",
        code="parameter_invalid_empty",
        param=name,
    )


def not_among(name: str, words: list[str]) -> ApiError:
    """A word that is none of those that the parameter takes."""
    *most, last = words
    listed = ", ".join(most) + ("," if len(most) > 1 else "") + f" or {last}" if most else last
    return ApiError(400, f"Invalid {name}: must be one of {listed}", param=name)


def invalid(kind: str, name: str, value: str = "") -> ApiError:
    """A value of another kind: ``Invalid boolean: x``, ``Invalid object``, ``Invalid array``."""
    return ApiError(400, f"Invalid {kind}: {value}" if value else f"Invalid {kind}", param=name)


def invalid_integer(name: str, value: str) -> ApiError:
    """A text where a whole number belongs."""
    return ApiError(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)


NOUNS = {
    "payment_method": "PaymentMethod",
    "promotion_code": "promotion code",
    "setup_intent": "setupintent",
}
"""What Stripe's texts call an object, where it is not its name."""


def resource_missing(
    kind: str, identifier: str, *, param: str = "id", status: int = 404
) -> ApiError:
    """No such object."""
    noun = NOUNS.get(kind) or kind.rsplit(".", 1)[-1]
    return ApiError(status, f"No such {noun}: '{identifier}'", code="resource_missing", param=param)


def not_expandable(name: str) -> ApiError:
    """A path in ``expand`` that leads nowhere."""
    return ApiError(400, f"This property cannot be expanded ({name}).")


def too_deep(path: str) -> ApiError:
    """More than four levels in ``expand``, the ``data.`` of a list included."""
    return ApiError(
        400,
        f"You cannot expand more than 4 levels of a property. Property: {path}",
        code="property_expansion_max_depth",
    )


def rate_limited(reason: str | None) -> ApiError:
    """A 429; Stripe names the limit in a header, if any, and sends no ``Retry-After``."""
    return ApiError(
        429,
        "Request rate limit exceeded. You can learn more about rate limits here "
        "https://stripe.com/docs/rate-limits.",
        code="rate_limit",
        headers={"Stripe-Rate-Limited-Reason": reason} if reason else None,
    )


def lock_timeout() -> ApiError:
    """A 429 that is not about rates: it has no reason header and asks for a retry."""
    return ApiError(
        429,
        "This object cannot be accessed right now because another API request or Stripe process "
        "is currently accessing it. If you see this error intermittently, retry the request.",
        code="lock_timeout",
        headers={"Stripe-Should-Retry": "true"},
    )


NOT_ENABLED: Mapping[str, str] = {
    "/v1/treasury/": "Unrecognized request URL (GET: {path}). Please see https://stripe.com/docs "
    "or we can help at https://support.stripe.com/. (Hint: Have you onboarded to Treasury? "
    "You can learn more about the steps needed at https://stripe.com/docs/treasury/access)",
    "/v1/issuing/": "Your account is not set up to use Issuing. Please visit "
    "https://dashboard.stripe.com/issuing/overview to get started.",
    "/v1/identity/": "Your account is not set up to use Identity. Please visit "
    "https://dashboard.stripe.com/identity/application to get started.",
    "/v1/sigma/": "This API surface is not enabled for testmode usage.",
    "/v1/test_helpers/": "This endpoint is only available in testmode. "
    "Try using your test keys instead.",
}


def not_enabled(path: str) -> ApiError:
    """A feature that the account has not switched on."""
    for prefix, text in NOT_ENABLED.items():
        if path.startswith(prefix):
            return ApiError(400, text.format(path=path))
    return ApiError(400, "Your account is not set up to use this feature.")
