"""The operating system below the program: clocks, disk, systemd."""
