"""The program on the host that guards deploys."""
