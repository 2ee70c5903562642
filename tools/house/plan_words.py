"""What a plan calls each kind of resource: the noun of its folder in operations/."""

KINDS = {
    "hosts": "platform",
    "programs": "executables",
    "accounts": "users",
    "guards": "hostctl",
    "configs": "config-files",
    "checks": "release-check",
    "fronts": "proxy",
    "hooks": "git-hooks",
    "hostkeys": "host-keys",
    "operators": "admin-users",
    "logins": "sshd-logins",
    "hostnames": "hostname",
    "timezones": "timezone",
    "daemons": "system-services",
    "mounts": "root-mount",
    "swaps": "zram",
    "yours": "custom",
}
TITLES = {
    "Host": "Platform",
    "Programs": "Executables",
    "Accounts": "Users",
    "Guard": "Hostctl",
    "Configuration": "Config files",
    "Checks": "Release check",
    "Front": "Proxy",
    "Operators": "Admin users",
    "Logins": "SSH logins",
    "Host name": "Hostname",
    "Time zone": "Timezone",
    "Daemons": "System services",
    "Mounts": "Root mount",
    "Swap": "Zram",
}
MODULES = {
    **{old: new.replace("-", "_") for old, new in KINDS.items()},
    "deploying": "lifecycle",
    "going_back": "rollback",
    "locking": "deploy_lock",
}
LEDGERS = {
    "git_hooks": "hooks",
    "config_files": "configs",
    "proxy/site": "fronts",
    "bootstrap/sshd_logins": "logins",
    "bootstrap/zram": "swaps",
    "bootstrap/system_services": "daemons",
}
"""What hosts call the list of a kind's files: they have it under that name."""
SAYS = '"""What hosts call the list of these files: they have it under that name."""'
ANY = "|".join(KINDS)
ALL = ("packages", "files", "venvs", "releases", "units", "services", "masks", *KINDS)
CALLS = ("deploy.py", "deploys/*.py", "operations/__init__.py", "operations/bootstrap/__init__.py")
TOLD = ("docs/*", "README.md", "tests/e2e/*", "tests/unit/engine/*", "tests/support/*")


def row(find, put, *files, where="all"):
    return {"find": find, "put": put, "files": files, "where": where}


def line(match):
    lead, kind, rest = match["lead"], match["kind"], match["rest"]
    return f"{lead}{KINDS.get(kind, kind):<15} {rest}"


def title(match):
    return f"{match[1]}{TITLES[match[2]]}{match[3]}"


TITLE = "|".join(sorted(TITLES, key=len, reverse=True))
WORDS = [
    row(
        rf'\bKind\("({ANY})"',
        lambda m: f'Kind("{KINDS[m[1]]}"',
        "operations/*",
    ),
    *(row(r"\bNAME\b", "LEDGER", f"operations/{file}.py") for file in LEDGERS),
    *(
        row(rf"\b{name}\b", "LEDGER", "operations/proxy/apply.py", "operations/proxy/kind.py")
        for name in ("NAME",)
    ),
    *(
        row(
            rf'^LEDGER = "{ledger}"$',
            f'LEDGER = "{ledger}"\n{SAYS}',
            f"operations/{file}.py",
        )
        for file, ledger in LEDGERS.items()
    ),
    *(
        row(
            r"Kind\(LEDGER,",
            f'Kind("{KINDS[ledger]}",',
            f"operations/{file.replace('/site', '/kind')}.py",
        )
        for file, ledger in LEDGERS.items()
    ),
    row(r'^NAME = "checks"', 'NAME = "release-check"', "operations/release_check.py"),
    row(r"'yours':<9", "'custom':<15", "homeport/engine/plan_output.py"),
    row(r"\{kind:<9\}", "{kind:<15}", "homeport/engine/plan_output.py"),
    row(r"'':>14", "'':>20", "homeport/engine/plan_output.py"),
    row(
        r"\{kind\.name\} are as described", "{kind.name}: as described", "homeport/engine/phase.py"
    ),
    row(
        r"name \{kind\.name\}\.KIND among",
        'name {kind.name.replace("-", "_")}.KIND among',
        "homeport/engine/run.py",
    ),
    # What prints, or quotes, a plan.
    row(
        rf"^(?P<lead> *\[\w+\] +|)(?P<kind>{'|'.join(ALL)}) +(?P<rest>[-+~?!] )",
        line,
        "docs/*",
        "README.md",
    ),
    row(r"^( *\[\w+\] ) {15}(?=@@|\+|\()", r"\1" + " " * 21, "README.md", "docs/*"),
    row(r"`yours \? ", "`custom ? ", "docs/*"),
    row(r"yours     \? ", "custom          ? ", "tests/*"),
    row(
        rf'\("({ANY})", "([-+~])"',
        lambda m: f'("{KINDS[m[1]]}", "{m[2]}"',
        "tests/e2e/*",
    ),
    row(r'"venvs", "hooks", "services"', '"venvs", "git-hooks", "services"', "tests/e2e/*"),
    row(r'"hooks ~ ', '"git-hooks ~ ', "tests/e2e/*"),
    row(r"\(\[a-z\]\+\)\\s\+\(\[\+~-\]\)", r"([a-z-]+)\\s+([+~-])", "tests/*"),
    # The names of the operations.
    row(rf'(name=")({TITLE})(")', title, *CALLS, "docs/extending.md"),
    row(
        rf'("|^\| )({TITLE})("| \|)',
        title,
        "tests/e2e/lab/test_interruptions.py",
        "docs/bootstrap.md",
    ),
    row(r'\{"Host name", "Daemons"\}', '{"Hostname", "System services"}', "tests/e2e/*"),
    row(r'\{"Configuration"\}', '{"Config files"}', "tests/e2e/*"),
    # Modules by their own names.
    row(
        r"^from (homeport\.operations\.\w+) import kind as (\w+)$",
        lambda m: f"from homeport.operations import {m[1].rpartition('.')[2]}",
        *CALLS,
        "docs/extending.md",
    ),
    row(r"^from (homeport\.\S+) import (\w+) as (\w+)$", r"from \1 import \2", *CALLS),
    row(r"^from (homeport\.\S+) import (\w+) as (\w+)$", r"from \1 import \2", "docs/extending.md"),
    row(
        rf"\b({'|'.join(MODULES)})(?=\.(?:converge|KIND|begin|confirm|lock|unlock|LOOKED_AT|described)\b)",
        lambda m: MODULES[m[1]],
        *CALLS,
        "docs/*",
        "tests/e2e/*",
        "operations/services/apply.py",
    ),
    row(r"import kind as venvs$", "import venvs", "docs/extending.md"),
    # The golden record names kinds as the code does.
    row(
        rf'"({ANY})"(?=[,:\])])',
        lambda m: f'"{KINDS[m[1]]}"',
        "tests/golden/records.py",
        "tests/golden/refusals.py",
        "tests/golden/simulated.py",
        "tests/support/recorded_host.py",
    ),
    row(r'!= "guards"', '!= "hostctl"', "tests/golden/refusals.py"),
    row(r'== "swaps"', '== "zram"', "tests/golden/records.py"),
]
