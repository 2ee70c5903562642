"""What users notice of releases: what fails while one is switched, and how long all takes."""
