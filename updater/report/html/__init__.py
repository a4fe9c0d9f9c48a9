"""A plan, a run or a forecast as one page of HTML, for people: everything in one file that asks for nothing.

The page works without JavaScript and without network: its style and its script stand in it, and its content security
policy allows these two and nothing else. All that comes from outside is text in it, never markup
(:mod:`updater.report.html.elements`).
"""

from updater.report.html.difference import difference_section
from updater.report.html.forecast import forecast_page, forecast_section
from updater.report.html.page import Section, Tile, page
from updater.report.html.plan import plan_page

__all__ = ["Section", "Tile", "difference_section", "forecast_page", "forecast_section", "page", "plan_page"]
