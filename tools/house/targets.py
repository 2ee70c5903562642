"""Targets of make: the tests on real hosts, and the load test of a release."""

WORDS = [
    (r"\bmake promises\b", "make e2e"),
    (r"\bbench-release\b", "bench-load"),
    (r"\bunit fuzz promises molecule\b", "unit fuzz e2e molecule"),
    (r"(?m)^PROMISES := \.pytest_cache/promises\.xml", "E2E := .pytest_cache/e2e.xml"),
    (r"\$\(PROMISES\)", "$(E2E)"),
    (r"(?m)^test: check unit promises$", "test: check unit e2e"),
    (r"(?m)^promises: \.venv", "e2e: .venv"),
    (r"unit tests, static checks, and the promises, on real hosts",
     "static checks, unit tests, and end-to-end tests on real hosts"),
    (r"(?m)^\| promises \| `make e2e`", "| end to end | `make e2e`"),
    (r"runs all static checks, unit tests and promises on hosts of their own",
     "runs all static checks, unit tests and end-to-end tests on hosts of their own"),
]  # fmt: skip
