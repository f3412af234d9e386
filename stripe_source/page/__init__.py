"""The report: one HTML page with what the data models say of a business, to open anywhere."""

from stripe_source.page.figures import Figures
from stripe_source.page.page import render
from stripe_source.page.reading import read_figures

__all__ = ["Figures", "read_figures", "render"]
