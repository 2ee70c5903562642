"""The scripts that moved and renamed the code: each is committed with what it did."""
