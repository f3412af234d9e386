"""Data models: SQL views over the loaded tables, one file each, and what deploys them."""

from stripe_source.models.deploy import Deployment, deploy, undeploy
from stripe_source.models.shelf import FIVETRAN, MODELS, Shelf
from stripe_source.models.warehouse import NoViews

__all__ = ["FIVETRAN", "MODELS", "Deployment", "NoViews", "Shelf", "deploy", "undeploy"]
