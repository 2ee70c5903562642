"""The verbs of the program: a verb, a module."""
