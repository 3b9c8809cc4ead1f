"""The review page: one HTML file that shows what fixes make of recipes, and what speaks for it.

It needs nothing beside itself, and shows what comes from recipes and forges as text alone.
"""

from patchkit.report.html.article import Article, article, failed_article
from patchkit.report.html.entry import Entry, Failure
from patchkit.report.html.page import page, review_page

__all__ = ["Article", "Entry", "Failure", "article", "failed_article", "page", "review_page"]
