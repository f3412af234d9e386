"""Customers, their tax ids and payment methods; paging, and requests that are refused."""

from __future__ import annotations

from .recording import Script

ADDRESS = {"line1": "1 Rue de la Paix", "city": "Paris", "postal_code": "75002", "country": "FR"}


def customers(run: Script) -> None:
    """Create, read, change, list page by page, and delete."""
    v1 = run.v1
    ann = run(
        "customer",
        v1.customers.create,
        {"name": "Ann", "email": "ann@x.y", "metadata": {"a": "1", "b": "2"}, "address": ADDRESS},
    ).id()
    run("customer read", v1.customers.retrieve, ann)
    run("customer renamed", v1.customers.update, ann, {"name": "Ünn", "metadata": {"b": "3"}})
    run("metadata removed", v1.customers.update, ann, {"metadata": {"a": ""}})
    run("phone emptied", v1.customers.update, ann, {"phone": ""})
    others = [
        run(f"customer {name}", v1.customers.create, {"email": f"{name}@x.y"}).id()
        for name in ("bob", "cid", "dan")
    ]
    run("customers", v1.customers.list)
    run("customers by email", v1.customers.list, {"email": "cid@x.y"})
    run("first page", v1.customers.list, {"limit": 2})
    run("page after", v1.customers.list, {"limit": 2, "starting_after": others[1]})
    run("page before", v1.customers.list, {"limit": 2, "ending_before": ann})
    run("last page", v1.customers.list, {"limit": 10, "starting_after": others[0]})
    run("customer deleted", v1.customers.delete, others[2])
    run("deleted customer read", v1.customers.retrieve, others[2])
    run("deleted customer changed", v1.customers.update, others[2], {"name": "x"})
    run("deleted customer deleted", v1.customers.delete, others[2])
    run("customers without the deleted", v1.customers.list)


def tax_ids(run: Script) -> None:
    """A customer's tax ids, with it and by themselves."""
    v1 = run.v1
    eve = run(
        "customer with a tax id",
        v1.customers.create,
        {"name": "Eve", "tax_id_data": [{"type": "eu_vat", "value": "FR12345678901"}]},
    ).id()
    made = run(
        "tax id", v1.customers.tax_ids.create, eve, {"type": "eu_vat", "value": "DE123456789"}
    ).id()
    run("tax id read", v1.customers.tax_ids.retrieve, eve, made)
    run("tax ids", v1.customers.tax_ids.list, eve)
    run("tax id deleted", v1.customers.tax_ids.delete, eve, made)
    run("deleted tax id read", v1.customers.tax_ids.retrieve, eve, made)


def refusals(run: Script) -> None:
    """What both refuse, and with which status, type and code."""
    v1, ann = run.v1, run.answers["customer"].id()
    run("unknown customer", v1.customers.retrieve, "cus_unknown")
    run("unknown customer changed", v1.customers.update, "cus_unknown", {"name": "x"})
    run("unknown customer deleted", v1.customers.delete, "cus_unknown")
    run("unknown plan", v1.plans.retrieve, "unknown")
    run("unknown invoice", v1.invoices.retrieve, "in_unknown")
    run("unknown subscription canceled", v1.subscriptions.cancel, "sub_unknown")
    run("unknown parameter", v1.customers.create, {"shoe_size": "44"})
    run("unknown filter", v1.customers.list, {"shoe_size": "44"})
    run("wrong type", v1.products.create, {"name": "x", "active": "perhaps"})
    run("missing parameter", v1.products.create, {"description": "x"})
    run("missing interval", v1.plans.create, {"amount": 1, "currency": "eur", "product": "x"})
    run("no integer", v1.customers.list, {"limit": "many"})
    run("limit of 0", v1.customers.list, {"limit": 0})
    run("limit of 101", v1.customers.list, {"limit": 101})
    run("unknown cursor", v1.customers.list, {"starting_after": "cus_unknown"})
    run("both cursors", v1.customers.list, {"starting_after": ann, "ending_before": ann})
    run("subscriptions of nobody", v1.subscriptions.list, {"customer": "cus_unknown"})
    run("bad key", run.client("nokey").customers.list)
    run("publishable key", run.client("pk_test_1").customers.list)
    run("unknown field expanded", v1.customers.retrieve, ann, {"expand": ["shoe"]})
    run("expanded too deep", v1.customers.retrieve, ann, {"expand": ["a.b.c.d.e"]})
