"""Objects for the lists that have no business behind them, made of Stripe's own examples.

They are brought up to the shape of the pinned version: a field that the shape lacks is dropped, one
that the example lacks is added, and a value of the wrong type becomes the type's plainest. Ids are
made unique, ``created`` is spread over the business's time, and references point at objects that
exist.
"""

from __future__ import annotations

import random
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from stripe_source.simulator.api.registry import Resource
from stripe_source.simulator.business.links import Links
from stripe_source.simulator.shapes import blank_fields, fields_of, part, shape, zero
from stripe_source.simulator.store.account import Account
from stripe_source.simulator.types import Json

ORDER = ("/v1/setup_intents", "/v1/radar/value_lists", "/v1/treasury/financial_accounts",
         "/v1/payment_records", "/v1/issuing/cards", "/v1/customers",
         "/v1/financial_connections/accounts", "/v1/accounts")  # fmt: skip
"""Lists whose objects others need as parents."""
PARENT_OF = {
    "setup_intent": "/v1/setup_intents",
    "value_list": "/v1/radar/value_lists",
    "financial_account": "/v1/treasury/financial_accounts",
    "payment_record": "/v1/payment_records",
    "card": "/v1/issuing/cards",
    "customer": "/v1/customers",
    "account": "/v1/financial_connections/accounts",
    "invoice": "/v1/invoices",
}
"""Required parameters and the list that holds what they name."""
BUSINESS: set[str] = {"/v1/events", "/v1/subscription_items", "/v1/tax_ids"}
"""Lists that are filled elsewhere."""
BOOKS = {"/v1/invoices", "/v1/invoiceitems", "/v1/invoice_payments", "/v1/payment_intents",
         "/v1/charges", "/v1/refunds", "/v1/credit_notes", "/v1/disputes", "/v1/payouts",
         "/v1/balance_transactions"}  # fmt: skip
"""Where there is a business its books have to balance, so that examples are no part of them."""


BESIDE = (
    ("person", "account", "/v1/accounts"),
    ("capability", "account", "/v1/accounts"),
    ("product_feature", "product", "/v1/products"),
    ("card", "customer", "/v1/customers"),
    ("customer_cash_balance_transaction", "customer", "/v1/customers"),
    ("billing.meter_event_summary", "meter", "/v1/billing/meters"),
    ("financial_connections.account_owner", "account", "/v1/financial_connections/accounts"),
)
"""Objects without a list of their own: name, the field of their parent, the parent's list."""


@cache
def examples() -> Json:
    """Object name to Stripe's published example."""
    text = (files("stripe_source.simulator") / "data" / "fixtures.json").read_bytes()
    found: Json = orjson.loads(text)["resources"]
    return found


def fill_account_object(account: Account, at: int) -> None:
    """The account's own object, at ``/v1/account`` and among ``/v1/accounts``."""
    own = example(account, "account", at, random.Random(account.config.seed))
    own["id"] = account.id
    fill_owned(account, own, "/v1/accounts", random.Random(account.config.seed))
    account.add(own, at=at, event=None)


def fill_fixtures(account: Account) -> None:
    """``config.fixtures`` objects for every top-level list that is still empty."""
    made: list[Json] = []
    resources = account.registry.resources
    paths = [*ORDER, *(p for p in sorted(resources) if p not in ORDER)]
    for path in paths:
        resource = resources[path]
        filled = len(account.collection(path)) > 0 and path != "/v1/accounts"
        booked = account.business is not None and path in BOOKS
        if resource.nested or path in BUSINESS or booked or filled:
            continue
        made += fill_list(account, resource, account.config.fixtures)
    fill_own_tax_ids(account)
    made += fill_beside(account)
    link(account, made)


def link(account: Account, made: list[Json]) -> None:
    """Have what was made refer to what is there, now that all of it is."""
    rng = random.Random(f"{account.config.seed} links")

    def missing(name: str) -> Json:
        at = account.clock.now - 1
        return account.add(example(account, name, at, rng), at=at, event=None)

    links = Links(account, rng, missing)
    for obj in made:
        links.mend(obj)
    for obj in made:
        links.gather(obj)


def fill_own_tax_ids(account: Account) -> None:
    """The account's own: without ``owner`` the list is of these."""
    rng = random.Random(account.config.seed)
    for number in range(account.config.fixtures):
        at = account.clock.now - (number + 1) * 86400
        obj = example(account, "tax_id", at, rng)
        obj.update(customer=None, owner=part("tax_id", "owner", type="self"))
        account.add(obj, at=at, event=None)


def fill_list(account: Account, resource: Resource, count: int) -> list[Json]:
    """``count`` objects for one list, or for each of its parents."""
    made = []
    rng = random.Random(f"{account.config.seed} {resource.path}")
    span = int(account.config.years * 365 * 86400)
    for number, hidden in enumerate(h for h in parents(account, resource) for _ in range(count)):
        at = account.clock.now - span + (number + 1) * span // (count * 40 + 1) + rng.randrange(999)
        at = min(at, account.clock.now - 1)
        obj = example(account, resource.objects[0], at, rng)
        for field, value in hidden.items():
            if field in shape(resource.objects[0]):
                obj[field] = value
        fill_owned(account, obj, resource.path, rng)
        made.append(account.add(obj, at=at, hidden=dict(hidden) or None, event=None))
    return made


def fill_beside(account: Account) -> list[Json]:
    """Objects that only nested lists have, for up to three parents each."""
    made = []
    for name, field, home in BESIDE:
        rng = random.Random(f"{account.config.seed} {name}")
        for row in list(account.collection(home).ordered)[-3:]:
            for _ in range(account.config.fixtures):
                obj = example(account, name, row.created, rng)
                if field in shape(name):
                    obj[field] = row.id
                hidden = {field: row.id}
                made.append(account.add(obj, at=row.created, hidden=hidden, event=None))
    return made


def fill_owned(account: Account, obj: Json, path: str, rng: random.Random) -> None:
    """Rows for the lists that an object owns, where Stripe's example has none."""
    for field, (kind, _) in shape(obj["object"]).items():
        leaf = f"{path}/{{}}/{field}"
        if isinstance(kind, dict) and "list" in kind and not (obj.get(field) or {}).get("data"):
            at = obj.get("created", account.clock.now)
            rows = [example(account, kind["list"][0], at, rng) for _ in range(2)]
            url = leaf.format(obj["id"])
            obj[field] = {"object": "list", "data": rows, "has_more": False, "url": url}


def parents(account: Account, resource: Resource) -> list[Json]:
    """What the rows of a list with a mandatory parameter belong to; one empty dict for the rest."""
    for name in resource.params:
        home = PARENT_OF.get(name.rstrip("!")) if name.endswith("!") else None
        if home:
            field = name.rstrip("!")
            rows = list(account.collection(home).ordered)[-3:]
            return [{field: row.id} for row in rows]
    return [{}]


def example(account: Account, name: str, at: int, rng: random.Random) -> Json:
    """One object of a name: Stripe's example in the current shape, or a blank one."""
    source = orjson.loads(orjson.dumps(examples().get(name, {})))
    obj: Json = conform_fields(source, shape(name), at)
    obj["object"] = name
    if "id" in shape(name):
        like = str(source.get("id") or name.rsplit(".", 1)[-1][:6])
        obj["id"] = account.ids.new(like.rpartition("_")[0] or like)
    if "livemode" in obj:
        obj["livemode"] = account.config.livemode
    relink(account, obj, name, rng)
    return obj


def conform_fields(value: Json, fields: dict[str, tuple[Any, bool]], at: int) -> Json:
    """A hash in the given shape."""
    made = blank_fields(fields)
    for name in made:
        kind, optional = fields[name]
        if name in value and value[name] is not None:
            made[name] = conform(value[name], kind, optional=optional, at=at)
        if made[name] is not None and kind == "int" and is_time(name):
            made[name] = at
    return made


def conform(value: Any, kind: Any, *, optional: bool, at: int) -> Any:
    """A value in the given type; what does not fit becomes null or the type's zero."""
    plain = {"str": str, "int": int, "float": (int, float), "bool": bool, "decimal": str}
    if isinstance(kind, str):
        if kind == "any":
            return value
        fits = isinstance(value, plain.get(kind, str))  # type: ignore[arg-type]
        if fits and not (kind in ("int", "float") and isinstance(value, bool)):
            return value
        return None if optional else zero(kind)
    if "object" in kind and isinstance(value, dict):
        return conform_fields(value, fields_of(kind["object"]), at)
    if "embed" in kind and isinstance(value, dict):
        name = value.get("object")
        name = name if name in kind["embed"] else kind["embed"][0]
        return conform_fields(value, shape(name), at) | {"object": name}
    if "array" in kind and isinstance(value, list):
        return [conform(v, kind["array"], optional=False, at=at) for v in value]
    if "map" in kind and isinstance(value, dict):
        return {k: conform(v, kind["map"], optional=False, at=at) for k, v in value.items()}
    if "id" in kind:
        return value.get("id") if isinstance(value, dict) else str(value)
    if "list" in kind and isinstance(value, dict):
        return conform_list(value, kind["list"], at)
    return None if optional else zero(kind)


def conform_list(value: Json, names: list[str], at: int) -> Json:
    """A Stripe list with its rows in shape."""
    rows = [conform(r, {"embed": names}, optional=False, at=at) for r in value.get("data", [])]
    return {"object": "list", "data": rows, "has_more": False, "url": value.get("url", "")}


def is_time(name: str) -> bool:
    """Whether an integer field of this name is a time."""
    return name.endswith(("_at", "_start", "_end")) or name in (
        "created", "date", "updated", "available_on", "arrival_date", "start", "end", "expires",
        "deadline", "start_date", "end_date", "due_date", "effective_date",
    )  # fmt: skip


def relink(account: Account, obj: Json, name: str, rng: random.Random) -> None:
    """Point the references of an object at objects that exist, or at nothing."""
    for field, (kind, optional) in shape(name).items():
        if not isinstance(kind, dict) or "id" not in kind:
            continue
        if obj.get(field) is None and optional:
            continue
        homes = [account.registry.home(n) for n in kind["id"]]
        rows = next((c.ordered.rows for h in homes if (c := account.collection(h))), [])
        if rows:
            obj[field] = rng.choice(rows).id
        else:
            obj[field] = None if optional else account.ids.new(kind["id"][0][:5])
