"""The generated parts of the README and the pages of ``docs``.

``python -m tests.readme`` writes them.
"""

from tests.readme.overview import README, with_generated
from tests.readme.pages import DOCS, pages, written

__all__ = ["DOCS", "README", "pages", "with_generated", "written"]
