"""What runs by the calendar: it says that it ran."""

from job.started import started_with


def main() -> None:
    """Say so, once."""
    print("tick of version", started_with()["version"])


if __name__ == "__main__":
    main()
