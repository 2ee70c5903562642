"""What app.yml and host data may say, as models."""
