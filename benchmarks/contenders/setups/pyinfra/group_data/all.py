"""What the job is: its names, and where its parts are on a host."""

app = "job-pyinfra"
web_port = 8102
title = "One job for all"

code = f"/srv/{app}/code"
venv = f"/srv/{app}/venv"
config = f"/etc/{app}"
state = f"/var/lib/{app}"
