"""What is installed, against the lock: described and looked at, reported, and never changed."""

from pyinfra import host, local

local.include("./in_project.py")

from deploys.host import describe_host
from homeport.session import begin
from operations.verifying import LOOKED_AT, verify

begin(LOOKED_AT, describe_host(host.data, host.name))
verify()
