"""The JSON schema and the key reference, made from the model."""
