"""Reads from the official SDK which writes exist and what parameters each one takes."""

from __future__ import annotations

import ast
import re
from typing import Any

from stripe_source.simulator.data.sdk_params import params_of
from stripe_source.simulator.data.sdk_shapes import SdkModule, module_at, sdk_root

SERVICES = {
    "charge": "update capture",
    "coupon": "create update delete",
    "credit_note": "create update void_credit_note",
    "customer": "create update delete delete_discount",
    "customer_balance_transaction": "create update",
    "customer_tax_id": "create delete",
    "dispute": "update close",
    "invoice": "create update delete finalize_invoice pay void_invoice send_invoice "
    "mark_uncollectible",
    "invoice_item": "create update delete",
    "payment_intent": "create update confirm capture cancel",
    "payment_method": "create update attach detach",
    "payout": "create update cancel",
    "plan": "create update delete",
    "price": "create update",
    "product": "create update delete",
    "promotion_code": "create update",
    "refund": "create update cancel",
    "setup_intent": "create confirm cancel",
    "subscription": "create update cancel resume delete_discount",
    "subscription_item": "create update delete",
    "tax_id": "create delete",
    "tax_rate": "create update",
    "test_helpers/test_clock": "create advance delete",
    "webhook_endpoint": "create update delete",
}
"""Service to the methods that the simulator takes: another resource is another row."""


def all_operations() -> list[dict[str, Any]]:
    """Every write of ``SERVICES``, sorted by path."""
    rows = []
    for service, methods in SERVICES.items():
        folder, _, name = service.rpartition("/")
        module = module_at(sdk_root() / folder / f"_{name}_service.py")
        rows += [read_write(module, method) for method in methods.split()]
    return sorted(rows, key=lambda row: (row["path"], row["method"]))


def read_write(module: SdkModule, name: str) -> dict[str, Any]:
    """One method of a service: its verb, its path with ``{}`` for ids, and its parameters."""
    bodies = (c.body for c in module.classes.values())
    found = next(m for b in bodies for m in b if isinstance(m, ast.FunctionDef) and m.name == name)
    asked = re.search(r"_request\('(\w+)', '(/v1/[^']*)'", ast.unparse(found))
    assert asked is not None
    path = re.sub(r"\{\w+\}", "{}", asked.group(2))
    return {"method": asked.group(1).upper(), "path": path, "params": params_of(module, found)}
