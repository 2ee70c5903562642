"""Power that is cut in a full machine under emulation: its kernel, its disk, its services."""
