"""The review page: one HTML file that shows what fixes make of recipes, and what speaks for it.

It needs nothing beside itself, and shows what comes from recipes and forges as text alone.
"""

from patchkit.report.html.entry import Entry, Failure
from patchkit.report.html.page import review_page

__all__ = ["Entry", "Failure", "review_page"]
