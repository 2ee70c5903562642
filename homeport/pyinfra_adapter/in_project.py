"""Included by each deploy file before all else: it ends a run that isn't in the project's folder.

There pyinfra finds neither config.py, which judges what it is about to do, nor what is imported.
"""

import sys
from os.path import normpath
from pathlib import Path
from shlex import quote

from pyinfra import state

# By the name of the path: a project may have links for its folders.
PROJECT = Path(normpath(Path(__file__).absolute())).parents[2]

if not Path.cwd().samefile(PROJECT):
    file = state.current_deploy_filename
    sys.exit(f"{file}: run it in the project's folder. Fix: cd {quote(str(PROJECT))}")
