"""What the program does when it is called: a verb, a module."""
