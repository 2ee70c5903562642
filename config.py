"""pyinfra reads this first: app.yml and host data are judged before anything is done on a host."""

from homeport.description.deploy_files import DEPLOY_FILES
from homeport.pyinfra_adapter.install import install
from homeport.rollout.environment import only_check, write_report

install(DEPLOY_FILES, write_report, only_check=only_check())
