"""The two slots in which processes run by turns."""
