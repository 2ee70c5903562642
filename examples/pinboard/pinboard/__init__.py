"""Pinboard: short notes on a page, kept in SQLite."""

__version__ = "1.0.0"
