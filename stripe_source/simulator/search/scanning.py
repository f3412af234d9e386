"""Tells from an object's JSON text whether it matches, mostly without parsing it.

Parsing an invoice takes five times as long as looking for a word in its text, and a search may
have to go through all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import orjson

from stripe_source.simulator.search.fields import Fields
from stripe_source.simulator.search.language import Query
from stripe_source.simulator.search.matching import matcher

PLAIN = re.compile(r"[!#-\[\]-~]+")
"""What JSON writes as it is: printable ASCII but for space, quote and backslash."""


def scanner(query: Query, resource: str, fields: Fields) -> Callable[[bytes], bool]:
    """A test of texts; objects of test clocks never pass, as the lists leave them out."""
    test = matcher(query, resource, fields)
    words = tuple(needed(query, fields))

    def scan(text: bytes) -> bool:
        if words and text.isascii():
            folded = text.lower()
            if not all(word in folded for word in words):
                return False
        obj = orjson.loads(text)
        return obj.get("test_clock") is None and test(obj)

    return scan


def needed(query: Query, fields: Fields) -> Iterator[bytes]:
    """Words that must stand in the text of whatever matches, if it is ASCII, in lower case."""
    for clause in query.clauses if query.every else ():
        if not clause.negated and clause.value and fields[clause.field].kind != "numeric":
            for word in clause.value.casefold().split():
                if PLAIN.fullmatch(word):
                    yield word.encode()
