"""Scalars of app.yml: texts, paths, URLs, commands."""
