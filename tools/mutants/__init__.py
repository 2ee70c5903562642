"""Mutants: faults seeded into the engine and the host program, each of which a unit test finds."""
