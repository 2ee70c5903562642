"""The host itself: its Debian, architecture, Python and disk."""
