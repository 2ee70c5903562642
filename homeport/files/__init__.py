"""Files on a host: probed, compared, staged, and installed as a whole."""
