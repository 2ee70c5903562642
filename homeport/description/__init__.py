"""From app.yml and host data to what one host should have."""
