"""Deploy files beside deploy.py: `pyinfra INVENTORY deploys/NAME.py` runs each."""
