"""Damage on live hosts, made from what is there, to prove that the production specs see it.

Nothing here imports the specs or what their lists come from: an eye can't check itself.
"""
