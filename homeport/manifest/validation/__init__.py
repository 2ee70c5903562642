"""From plain data to a valid model, or one clear refusal."""
