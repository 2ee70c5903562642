"""The models of app.yml and of host data."""
