"""Where every file goes: the table of the move."""

from __future__ import annotations


def _folder(old: str, new: str, names: str) -> dict[str, str]:
    """Return moves of one folder: each word is ``name`` or ``old>new``, without its ending."""
    pairs = (word.partition(">")[::2] for word in names.split())
    return {f"{old}{was}.py": f"{new}{now or was}.py" for was, now in pairs}


FILES: dict[str, str] = {
    # The library.
    **_folder("homeport/", "homeport/", "references>secret_refs table>text_table"),
    **_folder(
        "homeport/",
        "homeport/ssh/",
        "address known_hosts public_keys handshake>host_key elevation>sudo_password"
        " login>first_login second_login>reconnect connecting>connect_errors"
        " once_each>same_machine",
    ),
    **_folder(
        "homeport/",
        "homeport/engine/",
        "resource>kind session>run phase look>probe_script asking>remote show>plan_output"
        " fingerprint>secret_digest hints>host_hints attempt>transaction verbs>hostctl_client"
        " reverting>rollback_on_failure",
    ),
    **_folder(
        "homeport/",
        "homeport/files/",
        "files>entries probing>probe delivery>install group>managed_set edit environment>env_file",
    ),
    **_folder(
        "homeport/",
        "homeport/pyinfra_adapter/",
        "early>startup ahead>early_connect inventory loading>inventory_errors blame>load_errors"
        " group_data>data_source whereabouts>source_lines invocation>command_line"
        " shortcuts>patches leaving>shutdown",
    ),
    **_folder(
        "homeport/artifacts/",
        "homeport/artifacts/",
        "kept>build_file tree>source_tree repository>git fetch>download content>wheel_contents"
        " scripts>console_scripts",
    ),
    # The program on the host.
    **_folder("homeport/release/", "homeport/hostctl/", "__init__ __main__ protocol"),
    **_folder(
        "homeport/release/",
        "homeport/hostctl/system/",
        "exits>exit_codes clock commands>subprocesses systemd living>process_handle"
        " durable>atomic_files place>paths working>mutex reserve>disk_reserve",
    ),
    **_folder(
        "homeport/release/",
        "homeport/hostctl/slots/",
        "processes>app_spec gates>health_gates slots",
    ),
    **_folder(
        "homeport/release/",
        "homeport/hostctl/transaction/",
        "journal states lease lock>deploy_lock history",
    ),
    **_folder(
        "homeport/release/",
        "homeport/hostctl/snapshots/",
        "entry snapshot putting>restore generations pins prune caches>wheel_cache",
    ),
    **_folder(
        "homeport/release/",
        "homeport/hostctl/verbs/",
        "host>context tools>app_context begin machine>transitions activation reversion"
        " ending>finalize rollback finish>cleanup boot byhand>admin deadman",
    ),
    # app.yml.
    **_folder(
        "homeport/manifest/",
        "homeport/manifest/types/",
        "part>base complaints>issues shape>pattern forms>one_of text url command calendar listen"
        " environment account>app_name places>paths",
    ),
    **_folder(
        "homeport/manifest/",
        "homeport/manifest/reading/",
        "plain>yaml_reader document merge origin>source_map",
    ),
    **_folder(
        "homeport/manifest/",
        "homeport/manifest/model/",
        "app process front>proxy health source secret config>config_file hook>git_hook"
        " releasing>release_policy machine>bootstrap rollout",
    ),
    **_folder(
        "homeport/manifest/",
        "homeport/manifest/validation/",
        "validation>validate conflicts present>file_checks translate>pydantic_errors",
    ),
    **_folder(
        "homeport/manifest/",
        "homeport/manifest/schema/",
        "schema>json_schema reference>key_reference",
    ),
    # From app.yml and host data to what a host should have.
    **_folder(
        "deploys/",
        "homeport/description/",
        "host data>host_data alike>hashable_data named>by_name built>app_build layout>paths"
        " application>server base>base_packages laptop here>laptop_facts bare>bootstrap processes"
        " surroundings>unit_defaults jobs health hardening front>proxy configuration>config_files"
        " rendering templates>user_templates",
    ),
    "deploys/yours.py": "kinds/__init__.py",
    # Many hosts.
    **_folder(
        "homeport/rollout/",
        "homeport/rollout/",
        "call>arguments course>batches refusing>guard run>pyinfra_run words>messages",
    ),
    "deploys/rolling.py": "homeport/rollout/policy.py",
    "rollout.py": "homeport/rollout/__main__.py",
    "build.py": "homeport/build/__main__.py",
    # A deploy from its beginning to its confirmation, the way back, and reports.
    **_folder(
        "operations/",
        "homeport/deployment/",
        "deploying>lifecycle going_back>rollback locking>deploy_lock history telling>reports"
        " verifying>verify_deps",
    ),
    # Resource kinds.
    **_folder(
        "operations/",
        "operations/",
        "accounts>users programs>executables configs>config_files checks>release_check"
        " hooks>git_hooks",
    ),
    **_folder("operations/", "operations/platform/", "hosts>kind disks>disk"),
    **_folder(
        "operations/", "operations/hostctl/", "guards>kind situations>deploy_state preflight"
    ),
    **_folder("operations/", "operations/venvs/", "venvs>kind installed"),
    "operations/installed.sh": "operations/venvs/installed.sh",
    **_folder(
        "operations/drift/",
        "operations/venvs/",
        "__init__>drift contents>drift_files locked>drift_packages top>drift_top_level finding",
    ),
    **_folder("operations/", "operations/units/", "units>kind slots>slot_units overrides>drop_ins"),
    **_folder(
        "operations/", "operations/proxy/", "fronts>kind sites>site nginx>apply certificates"
    ),
    "operations/nginx.sh": "operations/proxy/apply.sh",
    **_folder(
        "operations/",
        "operations/services/",
        "services>kind running>resources observing>probe switching>apply",
    ),
    "operations/bootstrap.py": "operations/bootstrap/__init__.py",
    **_folder(
        "operations/",
        "operations/bootstrap/",
        "hostkeys>host_keys logins>sshd_logins closing>sshd_lockdown hostnames>hostname"
        " timezones>timezone daemons>system_services mounts>root_mount swaps>zram"
        " operators>admin_users",
    ),
    # Deploy files.
    "bootstrap.py": "deploys/bootstrap.py",
    "deploys/standing.py": "deploys/status.py",
    # Tools.
    **_folder(
        "deploys/",
        "tools/docgen/",
        "markdown overview pages sections directives>unit_tables",
    ),
    **_folder("lab/", "lab/", "say>console place>paths"),
    **_folder(
        "benchmarks/",
        "benchmarks/",
        "aims>targets relay>latency_proxy situations>scenarios wanted>expected_state"
        " written>disk_writes",
    ),
    **_folder(
        "benchmarks/release/",
        "benchmarks/load/",
        "__init__ __main__ asking>request authority campaign detour>latency figures generator load"
        " memory plain>bare_server report samples stage staying>websocket target urgent>priority"
        " work",
    ),
    # Specs.
    **_folder("tests/production/", "tests/production/", "fronts>proxy test_front>test_proxy"),
    **_folder(
        "tests/production/described/",
        "tests/production/described/",
        "accounts>users checks>release_check configs>config_files daemons>system_services"
        " fronts>proxy guards>hostctl hostkeys>host_keys hostnames>hostname"
        " initialisations>run_once logins>sshd_logins machines>platform operators>admin_users"
        " programs>executables timezones>timezone cards>disk_wear",
    ),
}

FOLDERS: dict[str, str] = {
    "benchmarks/release/app": "benchmarks/load/app",
    "benchmarks/peers": "benchmarks/contenders/setups",
    "benchmarks/words": "benchmarks/text",
    "tests/lab": "tests/e2e/lab",
    "tests/laptop": "tests/e2e/laptop",
    "tests/scenarios": "tests/e2e/molecule",
    "templates/host": "templates/host_programs",
    "templates/bare": "templates/bootstrap",
}
"""Folders that move as they are; their files follow."""

SINGLE: dict[str, str] = {
    "templates/service.j2": "templates/server/service.j2",
    "templates/timer.j2": "templates/server/timer.j2",
    "templates/health.service.j2": "templates/server/health.service.j2",
    "templates/health.timer.j2": "templates/server/health.timer.j2",
    "templates/health.yml.j2": "templates/server/health.yml.j2",
    "docs/front.md": "docs/proxy.md",
    "docs/mixing-in.md": "docs/extending.md",
    "docs/bare-pi.md": "docs/bootstrap.md",
}

PACKAGES: dict[str, str] = {
    "homeport/ssh": "How a host is reached: its address, its key, logins, and why one fails.",
    "homeport/engine": "Describe, probe, diff, apply: what every kind of resource goes through.",
    "homeport/files": "Files on a host: probed, compared, staged, and installed as a whole.",
    "homeport/pyinfra_adapter": "All that touches pyinfra's private parts.",
    "homeport/hostctl/system": "The operating system below the program: clocks, disk, systemd.",
    "homeport/hostctl/slots": "The two slots in which processes run by turns.",
    "homeport/hostctl/transaction": "A deploy on the host: its lease, its journal, its states.",
    "homeport/hostctl/snapshots": "What was there before: snapshots and generations.",
    "homeport/hostctl/verbs": "What the program does when it is called: a verb, a module.",
    "homeport/manifest/types": "Scalars of app.yml: texts, paths, URLs, commands.",
    "homeport/manifest/reading": "From YAML to plain data with line numbers.",
    "homeport/manifest/model": "What app.yml and host data may say, as models.",
    "homeport/manifest/validation": "From plain data to a valid model, or one clear refusal.",
    "homeport/manifest/schema": "The JSON schema and the key reference, made from the model.",
    "homeport/description": "From app.yml and host data to what one host should have.",
    "homeport/build": "Build apart from any deploy: code and lock in one file.",
    "homeport/deployment": "A deploy's begin and confirm, the rollback, locks and reports.",
    "operations/platform": "The host itself: its Debian, architecture, Python and disk.",
    "operations/hostctl": "The program on the host that guards deploys.",
    "operations/venvs": "Virtual environments: built from a lock, compared with it.",
    "operations/units": "Units of systemd.",
    "operations/proxy": "The reverse proxy: nginx, its sites and certificates.",
    "operations/services": "What runs: started, switched and restarted when it has to be.",
    "tools": "Tools for people who work on homeport.",
    "tools/docgen": "The maker of generated pages.",
}
"""Packages that are new, and what their docstrings say."""

LINKS: dict[str, str] = {
    "homeport/operations": "../operations",
    "homeport/templates": "../templates",
}
"""Links that make one import name of it all."""
