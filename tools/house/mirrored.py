"""Which file each test and each helper goes to: the table of the mirror.

A target is a path below ``tests/unit`` without ``test_`` and ending; patterns are of test names
without ``test_``. What no pattern takes goes to the first target, which has none.
"""

from __future__ import annotations


def _split(text: str) -> dict[str, dict[str, str]]:
    """Return the table of a text: a file and its target, and below it targets with patterns."""
    found: dict[str, dict[str, str]] = {}
    table: dict[str, str] = {}
    for line in text.strip().splitlines():
        first, _, rest = line.strip().partition(": ")
        if line.startswith(" "):
            table[first] = f"{table.get(first, '')} {rest}"
        else:
            folder, _, name = first.rpartition("/")
            path = "/".join(part for part in ("tests/unit", folder, f"test_{name}.py") if part)
            table = found[path] = {"": rest}
    return found


SPLITS = _split("""
artifacts/artifact: artifacts/artifact
  artifacts/source_tree: secrets_caches* exclude_takes* a_link_* an_absolute* links_within*
  artifacts/source_tree: a_setuid*
  artifacts/source_tree: a_pipe* a_name_* a_tree_with*
  artifacts/pack: the_packed* a_file_that_changes*
  artifacts/cache: an_artifact_in_the_cache* nothing_is_left_in* what_a_killed*
artifacts/content: artifacts/wheel_contents
artifacts/interpreter: artifacts/interpreter
artifacts/kept: artifacts/build_file
artifacts/lock: artifacts/lock
  artifacts/requirements_file: a_line_that_pins* an_index_in* a_package_that_is_there*
artifacts/modules: artifacts/modules
artifacts/repository: artifacts/git
artifacts/scripts: artifacts/console_scripts
artifacts/target: artifacts/target
artifacts/uv: artifacts/uv
artifacts/wheels: artifacts/wheels
  artifacts/download: a_missing_wheel* source_is* an_index_* a_password_in* a_wheel_that_is_not*
benchmarks/contenders: benchmarks/contenders/contender
benchmarks/figures: benchmarks/scale/figures
  benchmarks/scale/running: a_deploy_that_changed* what_changed* simulated_hosts*
  benchmarks/scale/main: a_number_of*
benchmarks/meter: benchmarks/meter
benchmarks/page: benchmarks/page
benchmarks/recording: benchmarks/scale/recording
benchmarks/relay: benchmarks/latency_proxy
benchmarks/release_figures: benchmarks/load/figures
  benchmarks/disk_writes: a_file_that_is_written* one_more_name*
  benchmarks/load/campaign: stages_are* bytes_are*
  benchmarks/load/work: another_release* a_release_that*
benchmarks/release_load: benchmarks/load/load
  benchmarks/load/authority: nobody_but*
  benchmarks/load/samples: samples_are*
benchmarks/release_processes: benchmarks/load/generator
  benchmarks/load/memory: memory_is* a_host_that_is_not*
benchmarks/release_report: benchmarks/load/report
benchmarks/simulated: benchmarks/scale/simulated
benchmarks/situations: benchmarks/scenarios
  benchmarks/disk_writes: what_is_written* the_log_of*
benchmarks/specs: benchmarks/specs/conftest
benchmarks/summary: benchmarks/summary
  benchmarks/page: a_bar_is* a_terminal_is*
  benchmarks/targets: an_aim* a_file_that_a*
benchmarks/wanted: benchmarks/expected_state
  benchmarks/specs/questions: a_host_as_it* each_fault*
deploys/alike: description/host__alike
  description/hashable_data: what_says* it_reads*
deploys/bare: description/bootstrap
deploys/check_health: templates/host_programs/check_health
deploys/configuration: description/config_files
deploys/data: description/host_data
deploys/description: description/server
  description/processes: a_service_reads* what_a_service* the_digest_in* a_unit_says* what_starts*
  description/processes: every_line* a_change_of_one* the_modules*
  description/jobs: a_schedule*
  description/paths: every_place*
  description/app_build: a_change_of_code* a_change_of_the_lock* the_release_is*
deploys/front: description/proxy
deploys/health: description/health
deploys/host: description/host
  description/app_build: a_secret_that* a_package_that* the_code_of*
deploys/laptop: description/laptop
  description/laptop_facts: without_the_wanted* a_user_without* a_folder_that* a_project_at*
  description/laptop_facts: a_source_at*
  templates/laptop/run: values_arrive* a_command_is_given* what_was_meant* a_process_has*
  templates/laptop/run: a_command_runs* what_can_not* the_command_tells* the_words_of*
deploys/overview: tools/docgen/overview
  tools/docgen/markdown: whatever_a_value* code_can* a_column*
  tools/docgen/sections: a_kind_that* each_entry* a_host_of*
  tools/docgen/unit_tables: a_unit_that*
deploys/programs: templates/host_programs/run
  templates/host_programs/record: a_start_is* a_start_in* a_drop_in* a_start_that* one_units*
  templates/host_programs/await_socket: a_start_lasts* nobody_waits*
  templates/host_programs/show_socket: the_web_server* a_process_without*
  templates/host_programs/initialised: an_initialisation*
  templates/host_programs/check_config: a_check_that* a_check_reads* what_a_check*
  templates/host_programs/check_imports: what_can_be* every_module* a_module_in* an_application_is*
  files/env_file: systemd_reads* a_shell_like* an_environment*
deploys/promoting: build/main
deploys/rendering: description/rendering
  description/hardening: what_is_relaxed* any_set*
  description/processes: a_command_keeps* what_a_user*
deploys/rolling: rollout/policy
deploys/slots: description/processes__slots
deploys/templates: description/user_templates
engine/address: ssh/address
engine/ahead: pyinfra_adapter/early_connect
engine/converging: scenarios/file_convergence
engine/delivery: files/install
engine/early: pyinfra_adapter/startup
engine/elevation: ssh/sudo_password
engine/inventory: pyinfra_adapter/inventory
engine/known_hosts: ssh/known_hosts
engine/leaving: pyinfra_adapter/shutdown
  engine/rollback_on_failure__at_exit: a_run_that_leaves*
engine/login: ssh/first_login
  ssh/host_key: a_first_contact* any_key_of* no_password* a_pinned_key*
  ssh/reconnect: a_second_login* a_host_is_closed* a_daemon_that* a_host_that_was* a_command_is_run*
engine/look: engine/probe_script
engine/phases: engine/phase
  engine/run: a_host_with* without_the_preparing_pass_it* after_a_change* every_phase* one_hosts*
  engine/run: each_host_has* a_phase_knows* what_a_change* nothing_is_built* a_plan_is_shown*
  engine/run: a_host_that_answers* a_probe_whose* a_refusal* a_host_that_was* with_errors*
  engine/run: when_no_host*
  engine/remote: a_look_* a_host_that_will_not* nothing_of_the_script* each_look*
engine/plan: files/managed_set
  files/entries: a_path_that* an_ordinary* a_mode_that* two_entries* a_diff* a_binary* an_old*
  files/entries: a_change_* all_reasons* a_directory_is* a_secret_shows* a_changed*
engine/probing: files/probe
engine/public_keys: ssh/public_keys
engine/references: secret_refs
engine/shortcuts: pyinfra_adapter/patches
engine/words: engine/plan_output
  engine/kind: changes_are* a_description*
  engine/secret_digest: host_and* a_fingerprint*
  errors: an_error*
input/before_connecting: scenarios/refusals_before_connecting
input/before_proving: scenarios/refusals_before_proving
input/by_name: description/by_name
input/connecting: ssh/connect_errors
  engine/host_hints: a_symptom* a_command_that*
input/deploy_files: pyinfra_adapter/command_line
input/elsewhere: deploys/in_project
input/loading: pyinfra_adapter/inventory_errors
  pyinfra_adapter/load_errors: what_pyinfra* the_line_is*
  errors: a_mistake_is*
input/places: pyinfra_adapter/source_lines
  pyinfra_adapter/data_source: a_mistake_in* each_of*
  ssh/same_machine: two_ways* other_ports*
input/rolling_out: rollout/guard
lab/bridge: lab/bridge
lab/command: lab/command
lab/emulation: lab/emulation
  lab/binfmt: our_entry*
lab/main: lab/main
lab/mirror: lab/mirror
lab/spec: lab/spec
lab/state: lab/state
  lab/paths: two_checkouts* homeport_lab* names_fit*
  lab/ssh: the_ssh_config* known_hosts_name*
manifest/any_document: scenarios/any_document
manifest/any_input: scenarios/any_input
manifest/app: manifest/model/app
  manifest/model/source: a_source*
  manifest/model/secret: a_secret*
  manifest/model/health: a_health*
  manifest/model/process: a_process* a_watchdog* an_init*
  manifest/model/release_policy: a_release*
  manifest/types/command: a_port* a_socket* a_command* a_folded* places_of* a_schedule*
manifest/front: manifest/model/proxy
manifest/machine: manifest/model/bootstrap
manifest/overrides: manifest/reading/merge
  manifest/validation/validate: an_override_may* an_override_that_* an_override_changes_adds*
manifest/reading: manifest/reading/yaml_reader
  manifest/reading/document: a_missing* a_directory* a_loop* a_pipe* a_name_that* a_file_that*
  manifest/reading/source_map: every_key*
manifest/refusals: scenarios/app_refusals
  manifest/validation/conflicts: two_processes* a_file_that* health_without* a_folder*
  manifest/validation/file_checks: a_link_out* a_loop_of* a_package*
  manifest/types/url: a_hostile*
  manifest/validation/pydantic_errors: all_findings* hundreds* the_line_is*
manifest/schema: manifest/schema/json_schema
operations/any_drift: operations/venvs/drift
  operations/venvs/drift_packages: a_package_is* a_build_that*
operations/cards: operations/bootstrap/root_mount
  files/edit: an_fstab*
  operations/bootstrap/zram: a_card_gets* no_swap* a_swap* the_swap* what_the_host*
operations/checks: operations/release_check
operations/commands: operations/executables
operations/configs: operations/config_files
operations/daemons: operations/bootstrap/system_services
operations/deploy: scenarios/whole_deploy
operations/deploying: deployment/lifecycle
  engine/transaction: what_is_to_be_kept* where_nothing* what_an_operation* after_a_take*
  engine/transaction: a_host_that_refuses*
  engine/transaction: the_same_changes* a_host_without*
  engine/rollback_on_failure: a_phase_that* a_look_that* what_is_somebodys* a_phase_of* a_run_that*
  operations/services/apply: a_switch*
operations/disks: operations/platform/disk
operations/drift: operations/venvs/installed
operations/fronts: operations/proxy/kind
  operations/proxy/certificates: a_certificate*
  operations/proxy/apply: a_site_is* what_nginx_does* what_nginx_can* nginx_that* a_site_that_can*
  operations/proxy/apply: what_is_changed*
  operations/proxy/site: names_that* what_another* a_name_that* what_nginx_runs* nothing_is*
operations/going_back: deployment/rollback
  deployment/deploy_lock: a_lock_is* an_unlock*
  deployment/history: a_history*
  deployment/reports: what_the_host* a_host_without*
operations/guards: operations/hostctl/kind
operations/history: deployment/history
operations/hooks: operations/git_hooks
operations/hosts: operations/platform/kind
operations/logins: operations/bootstrap/sshd_logins
  operations/bootstrap/sshd_lockdown: what_was_there* where_nothing* settings_that* a_confirmation*
  operations/bootstrap/sshd_lockdown: nothing_is_closed* a_login_that* the_host_is_armed*
operations/machine: operations/bootstrap/hostname
  operations/bootstrap/timezone: a_time_zone*
  operations/bootstrap/admin_users: a_user_that* an_account* users_are*
  operations/bootstrap/host_keys: keys_* a_host_that_says* pinning* a_file_that*
operations/packages_and_accounts: operations/packages
  operations/users: accounts_that* an_account*
operations/preflight: operations/hostctl/preflight
  operations/hostctl/deploy_state: a_host_that_was* all_of_it* a_holder* an_answer* rubbish*
  operations/hostctl/deploy_state: a_lease_is* a_deploy_that_goes* a_deploy_of_another*
operations/probes: scenarios/probes
operations/releases: operations/releases
operations/services: operations/services/kind
  operations/services/probe: several_units* a_record_* an_answer* the_probe_* units_and*
operations/slots: operations/units/slot_units
operations/units: operations/units/kind
  operations/units/drop_ins: a_drop_in*
operations/venvs: operations/venvs/kind
operations/verifying: deployment/verify_deps
pinboard/notify: examples/pinboard/notify
pinboard/package: examples/pinboard/package
pinboard/store: examples/pinboard/store
pinboard/tidy: examples/pinboard/tidy
pinboard/versions: examples/pinboard/versions
pinboard/worker: examples/pinboard/worker
production/asking: production/subject
production/bare: production/described__bootstrap
production/connection: production/connection
production/endpoints: production/endpoints
production/faults: production/described
  production/cases: a_laptop_has*
  production/described/services: a_service_* where_a_port*
production/front: production/proxy
production/guards: production/described/hostctl
production/slots: production/slots
production/venvs: production/described/venvs
release/begin: hostctl/verbs/begin
  hostctl/transaction/lease: a_lease_* the_lease*
release/boot: hostctl/verbs/boot
  hostctl/verbs/cleanup: clearing*
release/cut_off: scenarios/hostctl/cut_off
release/deadman: hostctl/verbs/deadman
  hostctl/system/mutex: whoever_is_alone*
release/durable: hostctl/system/atomic_files
release/journal: hostctl/transaction/journal
release/keep: hostctl/snapshots/snapshot__keep
release/living: hostctl/system/process_handle
release/machine: hostctl/verbs/transitions
  hostctl/verbs/activation: what_runs_once* a_process_that* a_release_that_takes* an_activation*
  hostctl/verbs/activation: a_deploy_is_activated* a_slot_* a_first*
  hostctl/verbs/reversion: a_deploy_that_fails* what_started* an_old_* going_back* nginx_reads*
  hostctl/verbs/reversion: a_host_without* what_is_confirmed*
  hostctl/verbs/finalize: a_deploy_that_changed* what_is_well* what_nobody_could* a_lost*
  hostctl/transaction/states: from_every*
  hostctl/verbs/app_context: work_goes*
release/protocol: hostctl/protocol
release/prune: hostctl/snapshots/prune
  hostctl/snapshots/wheel_cache: wheels_that* what_cannot* no_wheel* a_host_without*
  hostctl/snapshots/pins: what_is_pinned*
release/reserve: hostctl/system/disk_reserve
release/rollback: hostctl/verbs/rollback
  hostctl/snapshots/generations: a_generation*
release/slots: hostctl/slots/slots
  hostctl/slots/app_spec: processes_*
  hostctl/slots/health_gates: a_gate* a_process_without* a_process_that* nothing_is*
  hostctl/system/systemd: what_systemd*
release/snapshot: hostctl/snapshots/snapshot
  hostctl/snapshots/restore: whatever_is* a_restore* a_directory* a_unit_starts* what_has*
  hostctl/snapshots/restore: a_systemd*
  hostctl/snapshots/entry: a_path_that*
release/standing_alone: scenarios/host_program_alone
release/verbs: hostctl/verbs/admin
  hostctl/main: a_command_that* every_verb*
  hostctl/transaction/deploy_lock: a_lock_* a_clock_that* a_reboot*
  hostctl/transaction/history: the_history*
  hostctl/snapshots/pins: a_pin_*
  hostctl/system/clock: the_clock*
  hostctl/system/subprocesses: a_program*
  hostctl/system/paths: the_applications*
rollout/call: rollout/arguments
rollout/course: rollout/batches
rollout/report: rollout/report
rollout/rolling_out: rollout/main
  rollout/pyinfra_run: pyinfra_that* ctrl_c*
  rollout/fleet: an_inventory* hosts_that*
rollout/words: rollout/messages
  text_table: a_cell*
documents: docs/documents
mixing_in: docs/extending
pages: tools/docgen/pages
  manifest/schema/key_reference: every_key_of_the*
readme: docs/readme
troubleshooting: docs/troubleshooting
""")
"""The files that are taken apart."""

SHARED = {
    f"tests/unit/{old}.py": support
    for old, support in {
        "artifacts/test_artifact": "code_tree",
        "artifacts/test_lock": "lock_file",
        "artifacts/test_wheels": "wheel_cache",
        "benchmarks/test_recording": "recorded_host",
        "benchmarks/test_summary": "benchmark_rounds",
        "benchmarks/test_wanted": "benchmark_job",
        "deploys/test_description": "described_parts",
        "deploys/test_host": "described_hosts",
        "deploys/test_laptop": "described_laptop",
        "deploys/test_overview": "overview_page",
        "deploys/test_programs": "host_shells",
        "deploys/test_rendering": "systemd_words",
        "engine/test_elevation": "fake_sudo",
        "engine/test_leaving": "run_folder",
        "engine/test_login": "fake_login",
        "engine/test_phases": "colour_kinds",
        "engine/test_plan": "file_plans",
        "input/test_places": "group_data_files",
        "lab/test_state": "lab_state",
        "manifest/test_app": "app_values",
        "manifest/test_overrides": "app_overrides",
        "manifest/test_reading": "app_refusals",
        "manifest/test_refusals": "app_slips",
        "operations/test_any_drift": "found_venvs",
        "release/test_deadman": "begun_hosts",
        "operations/test_cards": "sd_card",
        "operations/test_deploying": "guarded_deploy",
        "operations/test_fronts": "fake_nginx",
        "operations/test_going_back": "called_hostctl",
        "operations/test_hosts": "host_facts",
        "operations/test_logins": "fake_sshd",
        "operations/test_machine": "bare_host",
        "operations/test_packages_and_accounts": "planned_names",
        "operations/test_preflight": "deploy_states",
        "operations/test_services": "service_samples",
        "operations/test_units": "fake_systemd_units",
        "production/test_faults": "production_samples",
        "production/test_slots": "production_slots",
        "release/test_begin": "begun_deploys",
        "release/test_machine": "shop_slots",
        "release/test_prune": "pruned_shop",
        "release/test_rollback": "rolled_back_shop",
        "release/test_slots": "slot_samples",
        "release/test_snapshot": "kept_trees",
        "release/test_verbs": "said",
        "rollout/test_rolling_out": "rollout_table",
        "test_pages": "pages_cache",
    }.items()
}
"""Where what several files need of a file that is taken apart goes, below ``tests/support``."""

SUPPORT = {
    f"tests/unit/{old}.py": f"tests/support/{new}.py"
    for old, new in {
        "deploys/answering": "fake_http_server",
        "deploys/conftest": "described_app",
        "engine/delivering": "real_delivery",
        "engine/door": "fake_ssh_server",
        "engine/fleet": "host_folders",
        "engine/shell": "real_shell",
        "engine/world": "simulated_host",
        "input/project": "user_project",
        "manifest/conftest": "app_file",
        "manifest/documents": "app_documents",
        "manifest/pinboard": "valid_app",
        "operations/building": "venv_host",
        "operations/guarding": "fake_hostctl",
        "operations/machines": "fake_programs",
        "operations/samples": "sample_app",
        "release/conftest": "deployed_shop",
        "release/hosting": "rehearsed_host",
        "release/killing": "killed_program",
        "release/power": "disk_faults",
        "release/shop": "shop_host",
        "release/units": "fake_systemd",
        "release/version": "shop_versions",
        "rollout/conftest": "fake_pyinfra",
    }.items()
}
"""The helpers, under names that say what they are."""

WHOLE = {
    "tests/unit/pinboard/conftest.py": "tests/unit/examples/pinboard/conftest.py",
}
"""What else moves as it is."""

GONE = (
    "tests/unit/engine/conftest.py",
    "tests/unit/input/conftest.py",
    "tests/unit/operations/conftest.py",
)

COUNTED_OUT = ("tests/unit/test_mirror.py",)

PROGRAM = {"tests.support.deployed_shop": "empty folder rehearsed shop unsynced"}
APP_FILE = {"tests.support.app_file": "project read"}
DESCRIBED = {"tests.support.described_app": "project"}
CONFTESTS: dict[str, tuple[str, dict[str, str]]] = {
    "tests/unit": (
        "Hosts that are folders, and programs that write down how they were called.",
        {
            "tests.support.fake_hostctl": "guarding",
            "tests.support.fake_programs": "log programs",
            "tests.support.host_folders": "fleet",
        },
    ),
    "tests/unit/build": ("An application that is described.", DESCRIBED),
    "tests/unit/description": ("An application that is described.", DESCRIBED),
    "tests/unit/files": ("Programs of a host.", {"tests.support.fake_programs": "log programs"}),
    "tests/unit/hostctl": ("A host that is a folder.", PROGRAM),
    "tests/unit/manifest": ("A project with a valid application file.", APP_FILE),
    "tests/unit/operations": (
        "A place where venvs are built for real.",
        {"tests.support.venv_host": "host"},
    ),
    "tests/unit/deployment": (
        "A place where venvs are built for real.",
        {"tests.support.venv_host": "host"},
    ),
    "tests/unit/rollout": ("pyinfra, played.", {"tests.support.fake_pyinfra": "world"}),
    "tests/unit/scenarios": ("A project with a valid application file.", APP_FILE),
    "tests/unit/scenarios/hostctl": ("A host that is a folder.", PROGRAM),
    "tests/unit/templates": ("An application that is described.", DESCRIBED),
    "tests/unit/tools": ("An application that is described.", DESCRIBED),
}
"""The fixtures that a folder has at hand: what it says of itself, and which module has which."""

SINGLE = {
    "tests/unit/release": "tests/unit/hostctl",
}
"""Folders that stand as text."""

GENERIC = {"apply", "kind", "main", "resources", "probe", "run"}
"""Names of files that say nothing without their folder's."""

SUBJECTS: dict[str, str | None] = {
    "build/main": "build",
    "engine/kind": "kind",
    "engine/run": "run",
    "files/probe": "file_probe",
    "files/entries": "entries",
    "hostctl/main": "host_program",
    "templates/host_programs/run": "run",
    "templates/laptop/run": "laptop_run",
    "production/described": "described",
    "examples/pinboard/package": "pinboard",
}
"""What the tests of a file are about, where its name doesn't say it."""

EDITS: dict[str, list[tuple[str, str]]] = {
    # pytest passes over folders that are called build unless it is configured.
    "pyproject.toml": [
        (
            'testpaths = ["tests/unit"]\n',
            'testpaths = ["tests/unit"]\nnorecursedirs = [".*", "node_modules"]\n',
        ),
    ],
}
"""Texts that no rule sees."""
