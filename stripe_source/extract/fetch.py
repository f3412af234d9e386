"""One request for a resource: a page of its list, or one object, with its expands and lists whole.

An object comes as a page of one row, so that whatever reads pages reads it too.
"""

import logging
import re
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

import orjson

from stripe_source.api.client import Client
from stripe_source.api.pages import Page, page_of, read_page, read_single
from stripe_source.catalog import Resource
from stripe_source.errors import AccountInvalid, NotFound, StripeSourceError
from stripe_source.extract.nested import complete
from stripe_source.extract.spans import Span

log = logging.getLogger("stripe_source")

CANNOT_EXPAND = re.compile(r"cannot be expanded \(([\w.]+)\)")


class Fetcher:
    """Asks for one resource; safe for threads. ``params`` narrow its list."""

    def __init__(
        self, client: Client, resource: Resource, params: Sequence[tuple[str, str]] = ()
    ) -> None:
        self.client = client
        self.resource = resource
        self.params = params
        self._refused: set[tuple[str, str]] = set()

    def page(self, span: Span, wanted: Collection[str] | None = None) -> tuple[Page, float]:
        """The first page of a span, and when it was asked for, by Stripe's clock.

        Where only these ids are ``wanted`` and a row costs requests of its own, there are no others
        on it. Raises NotFound where the row that the span goes on behind was deleted.
        """
        resource = self.resource
        query = [*resource.query(), *self.params, *span.query()]
        page, sent_at = self._fetch(resource.path, query, resource.prefix, read_answer(resource))
        return self._completed(page, wanted), sent_at

    def one(self, identifier: str) -> tuple[Page | None, float]:
        """An object by its id; None where it was deleted or never was."""
        resource = self.resource
        query = [("expand[]", field) for field in resource.expand]
        read = partial(_one, identifier=identifier, created_field=resource.created_field)
        path = _path_of(resource, identifier)
        try:
            page, sent_at = self._fetch(path, query, "", read)
            return (None if page is None else self._completed(page)), sent_at
        except NotFound:
            return None, self.client.clock.stamp()
        except AccountInvalid:
            if resource.object != "account":
                raise
            return None, self.client.clock.stamp()  # this one was disconnected

    def _completed(self, page: Page, wanted: Collection[str] | None = None) -> Page:
        if page.incomplete or self.resource.unembedded:
            return complete(self.client, self.resource, page, wanted)
        return page

    def _fetch(
        self,
        path: str,
        query: list[tuple[str, str]],
        prefix: str,
        read: Callable[[bytes], Any],
    ) -> tuple[Any, float]:
        asked = [pair for pair in query if (pair[0], _plain(pair[1], prefix)) not in self._refused]
        one = "" if path == self.resource.path else "/{id}"
        try:
            return self.client.get(path, asked, read, endpoint=self.resource.path + one)
        except StripeSourceError as refusal:
            if not self._refuses_expand(str(refusal), asked, prefix):
                raise
            return self._fetch(path, query, prefix, read)

    def _refuses_expand(self, message: str, asked: list[tuple[str, str]], prefix: str) -> bool:
        """Whether Stripe refuses one of the expands; the resource is then read without it.

        An expand adds to a resource, so that one which an account may not use must not cost it.
        """
        found = CANNOT_EXPAND.search(message)
        if found is None:
            return False
        field = _plain(found.group(1), prefix)
        if ("expand[]", prefix + field) not in asked:
            return False
        log.warning("%s is read without %s: %s", self.resource.name, field, message)
        self._refused.add(("expand[]", field))
        return True


def _plain(field: str, prefix: str) -> str:
    """An expand as the catalog has it."""
    return field.removeprefix(prefix)


def _path_of(resource: Resource, identifier: str) -> str:
    return resource.path if resource.single else f"{resource.path}/{quote(identifier, safe='')}"


def read_answer(resource: Resource) -> Callable[[bytes], Page]:
    """What reads the answer of a resource's endpoint as a page."""
    read = read_single if resource.single else read_page
    return partial(read, created_field=resource.created_field)


def _one(body: bytes, identifier: str, created_field: str) -> Page | None:
    """An object as a page of one row; None for a stub that says it was deleted."""
    found = orjson.loads(body)
    if not isinstance(found, dict) or found.get("id") != identifier:
        raise ValueError("not the object that was asked for")
    return None if found.get("deleted") is True else page_of(found, body, created_field)
