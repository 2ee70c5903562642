"""What it costs to do one job: homeport beside the systems that it is measured against."""
