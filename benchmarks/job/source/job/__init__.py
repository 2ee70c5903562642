"""The job that every contender does the same: a small application, of which little is asked."""

VERSION = "1"
