"""Host data and ``--data``: what each key is called, and what it should be."""

SYMBOLS = [
    ("homeport.description.host:kind_of", "host_type_of"),
    ("homeport.description.host:KINDS", "HOST_TYPES"),
    ("homeport.description.host_data:no_slip", "check_names"),
    ("homeport.manifest.model.bootstrap:BootstrapData.bare", "bootstrap_login"),
    ("homeport.manifest.model.bootstrap:BootstrapData.public_keys", "authorized_keys"),
    ("homeport.manifest.model.bootstrap:BootstrapData.revert_after", "confirm_timeout"),
    ("homeport.manifest.model.rollout:Rollout.size", "batch_size"),
    ("homeport.rollout.batches:size", "batch_size"),
    ("homeport.operations.bootstrap.sshd_logins:SshdLockdown.revert_after", "confirm_timeout"),
    ("homeport.operations.hostctl.kind:HostProgram.allow_older", "allow_downgrade"),
    ("homeport.operations.venvs.finding:Drift.deep", "file_level"),
    ("homeport.operations.venvs.installed:Installed.deep", "verified"),
]
NAMES = [
    ("param", "deep", "verify_files", "homeport/description/*"),
    ("local", "deep", "verify_files", "homeport/description/host.py"),
    ("local", "deep", "verified", "operations/venvs/*", "tests/support/found_venvs.py"),
    ("param", "revert_after", "confirm_timeout", "tests/e2e/*"),
]
SKIP = ["docs/performance*", "tests/golden/records/*", "LICENSE", "requirements.lock"]


def word(find: str, put: str, *files: str) -> dict[str, object]:
    """Return a row: a pattern, what stands there instead, and the files if not all."""
    return {"find": find, "put": put, "files": list(files) or ["*"], "skip": SKIP}


HOST_DATA = (
    "homeport/description/host*.py",
    "tests/golden/refusals.py",
    "tests/unit/description/*",
)

WORDS = [
    word(
        r'(["\'])kind\1: (?=["\'](?:lap|moon)|kind)', r"\1host_type\1: ", "tests/*", "inventories/*"
    ),
    word(r'\{"kind": "laptop"\} if kind', '{"host_type": "laptop"} if kind'),
    word(r'"kind"', '"host_type"', *HOST_DATA[:1]),
    word(r'\bkind = (?=\\?"(?:laptop|server)|"\{near)', "host_type = "),
    word(r"\bremove kind from\b", "remove host_type from"),
    word(r"is not a kind of host", "is not a host type"),
    word(r"^\| `kind` \|", "| `host_type` |", "docs/quick-reference.md"),
    word(r"\bdeep=yes\b", "verify_files=yes"),
    word(r'"deep"(?=: (?:told|"no"|"maybe")|\)|,$)', '"verify_files"', *HOST_DATA),
    word(r"\bdeep(?=: \.\* is neither)|(?<=write )deep(?= = True)", "verify_files", *HOST_DATA),
    word(r"``deep`` that includes", "``verify_files`` that includes", "homeport/description/*"),
    word(r"^\| `deep` \|", "| `verify_files` |", "docs/quick-reference.md"),
    word(
        r"only a deep look finds, only a deep deploy knows to fix",
        "only `verify_files` finds, only `verify_files` fixes",
    ),
    word(r"must come from a deep look then", "must come from a probe of every file then"),
    word(
        r"\bdeep: only a look at every file finds it",
        "file_level: only a probe of every file finds it",
    ),
    word(
        r"\bdeep: None unless it was looked at deeply",
        "verified: None unless every file was probed",
    ),
    word(r"``tell`` and ``deep`` for a look", "``tell`` and ``verify_files`` to probe it"),
    word(
        r'\["deep"\]|"deep" if deeply',
        lambda m: m[0].replace("deep", "verify_files", 1),
        "operations/venvs/*",
    ),
    word(
        r"^deep\(\) \{|^  echo deep$",
        lambda m: m[0].replace("deep", "verify_files"),
        "operations/venvs/*.sh",
    ),
    word(r"\b_read_deep\b", "_read_file", "operations/venvs/*"),
    word(r"a deep comparison of the sample", "a comparison of every file of the sample", "docs/*"),
    word(
        r"the ordinary probe, and the deep one only",
        "the ordinary probe, and the probe of every file only",
        "docs/*",
    ),
    word(r"(what only|finding of) the deep comparison", r"\1 the comparison of files", "docs/*"),
    word(r"\ballow_older\b", "allow_downgrade"),
    word(
        r'"build"(?=: (?:str|given|3|"builds|"app)|, "kind|\)(?: if|$)|, fix|, "host_type)',
        '"artifact"',
        "homeport/description/*",
        "tests/golden/refusals.py",
        "tests/unit/build/*",
    ),
    word(r'\bbuild(?==(?:builds/|FILE|\{file\})| = "builds/)', "artifact"),
    word(r"or `build` in group_data", "or `artifact` in group_data"),
    word(r"not the path of a build", "not the path of an artifact"),
    word(r"^\| `build` \|", "| `artifact` |", "docs/quick-reference.md"),
    word(
        r'"size"(?=: )',
        '"batch_size"',
        "tests/*/rollout/*",
        "tests/golden/refusals.py",
        "tests/e2e/lab/test_rollout.py",
        "homeport/rollout/*",
        "docs/*",
    ),
    word(r"\brollout\.size\b", "rollout.batch_size"),
    word(r"(?<=known here: canary, )size", "batch_size"),
    word(r"^\| `size` \|", "| `batch_size` |", "docs/deployment-guide.md"),
    word(
        r"\bpublic_keys(?= = \[|\"|: |`|\b.*of host data)",
        "authorized_keys",
        "homeport/ssh/public_keys.py",
        "group_data/*",
        "docs/*",
        "tests/golden/*",
        "tests/unit/manifest/*",
        "tests/unit/description/*",
        "tests/unit/ssh/test_public_keys.py",
    ),
    word(r"\brevert_after\b", "confirm_timeout", "group_data/*", "docs/*", "tests/*"),
    word(
        r'"bare"(?=: |\)|,)',
        '"bootstrap_login"',
        "homeport/manifest/validation/*",
        "homeport/ssh/first_login.py",
        "inventories/*",
        "docs/*",
        "tests/unit/manifest/*",
        "tests/unit/description/*",
        "tests/golden/*",
        "tests/production/conftest.py",
    ),
    word(r'\["bare"\]', '["bootstrap_login"]', "lab/state.py", "tests/*"),
    word(
        r"\bbare(?= = \{|: text|\\\.(?:password|user)|\.password)",
        "bootstrap_login",
        "homeport/*",
        "tests/*",
    ),
    word(
        r"`bare`(?! host)",
        "`bootstrap_login`",
        "docs/quick-reference.md",
        "docs/bootstrap.md",
        "docs/decisions/*",
        "inventories/*",
    ),
    word(r"--data to=", "--data release="),
    word(r'"to=', '"release=', "tests/*"),
    word(r'"to"', '"release"', "homeport/description/by_name.py"),
    word(r"--data: to: ", "--data: release: ", "tests/*"),
]
