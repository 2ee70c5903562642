"""All that touches pyinfra's private parts."""
