"""Whether people are served: by the proxy, or on a port, and by the start that is meant."""
