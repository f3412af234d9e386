"""The data models as a dbt project: the same queries, with their tests and their documentation."""

from stripe_source.dbt.export import Export, export
from stripe_source.dbt.subject import ADAPTERS, Subject, offline, online

__all__ = ["ADAPTERS", "Export", "Subject", "export", "offline", "online"]
