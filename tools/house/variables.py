"""Variables, parameters, fields and helpers that say what they hold.

One line a file, by the end of its path, and what is renamed there: ``old=new`` a local or a
parameter, ``.old=new`` a member, ``^old=new`` a name of the module. ``old@expression=new`` is for
one whose first line has the expression (without spaces), before the row for all others.
Names with ``front`` are in the table of the keys.
"""

from __future__ import annotations

FILES = r"""
benchmarks/disk_writes: ^look=file_states
benchmarks/fleet: told=count
job/source/job/web: said=body
benchmarks/latency_proxy: told=totals
benchmarks/load/__main__: kept=file told=measured
benchmarks/load/app/source/ticker/web: asked=query
benchmarks/load/campaign: ._look=_file_states asked=started told=durations
benchmarks/load/figures: asked=requests
benchmarks/load/generator: told=settings
benchmarks/load/load: kept=keep_alive
benchmarks/load/memory: ._look_again_and_again=_sample_repeatedly
benchmarks/load/report: said@join=measured said@lost=losses said@MiB=peaks
benchmarks/load/request: said@async=text said@await=body kept=keep_alive
benchmarks/load/samples: .kept=keep_alive
benchmarks/load/stage: told=output
benchmarks/load/websocket: said=message
benchmarks/load/work: .said=output
benchmarks/meter: told=output
benchmarks/page: ^SAID=SITUATION_TITLES
benchmarks/scale/recording: ^ASKED=PROBES asked=probes
benchmarks/scale/running: look=deploy_file told=stdout_file said=stderr_file
benchmarks/specs/conftest: .asked=answers
benchmarks/specs/questions: said=settings
pinboard/pinboard/web: given=credentials

homeport/artifacts/git: told=output
homeport/artifacts/interpreter: ^_said=_output_lines told=fields
homeport/artifacts/source_tree: kept=included
homeport/artifacts/wheel_contents: told=digest
homeport/artifacts/wheels: ^_kept=_cached
homeport/deployment/deploy_lock: said=result
homeport/deployment/history: ^KEPT=STATE_DIRECTORY said=fields
homeport/deployment/lifecycle: said=result
homeport/deployment/reports: told=lines
homeport/deployment/rollback: said=result
homeport/description/app_build: ^_kept=_read_build ^kept_of=build_file_of given=path kept=build_file
homeport/description/by_name: ^asked=read_options given=options
homeport/description/hashable_data: ._said=_hashable
homeport/description/health: asked=checks
homeport/description/host: given=overrides
homeport/description/host_data: given=value
homeport/description/laptop: keeper=snapshot_context
homeport/description/proxy: said@headers=described said=variable kept=defaults
homeport/description/user_templates: said=message
homeport/engine/hostctl_client: given=options told=command
homeport/engine/kind: .keeper=snapshot_context given=arguments
homeport/engine/remote: said=reason given=arguments
homeport/engine/rollback_on_failure: told=message
homeport/engine/run: keeper=snapshot_context
homeport/engine/transaction: told=request_json said=result look=hint
homeport/errors: ^Given=Parameters
homeport/files/install: keeper=snapshot_context
homeport/files/managed_set: keeper=snapshot_context
homeport/files/probe: ^KEPT=PRIVATE_MODES kept=ledger told=checksum
hostctl/__main__: given=count
hostctl/protocol: told@holder=record told=value
hostctl/slots/app_spec: told=values
hostctl/slots/health_gates: said=status asked=checked
hostctl/slots/slots: told=values
hostctl/snapshots/entry: ^look=read_entry asked=startable said=result
hostctl/snapshots/generations: ^kept=read_all told=meta
hostctl/snapshots/snapshot: kept=records
hostctl/snapshots/wheel_cache: told=packages
hostctl/system/process_handle: told=holder
hostctl/system/subprocesses: said=stderr
hostctl/system/systemd: asked=names said=output told@argv=lines told=properties .said=log
hostctl/transaction/deploy_lock: told=record
hostctl/transaction/history: told=value
hostctl/transaction/lease: told=record
hostctl/verbs/activation: said=message kept=paths
hostctl/verbs/admin: told=facts
hostctl/verbs/begin: ^TOLD=FACTS ^_told=_read_request told@json=request told=facts
hostctl/verbs/reversion: kept=units
hostctl/verbs/rollback: told=request kept=candidates
hostctl/verbs/transitions: kept=generation said=log
homeport/manifest/schema/json_schema: said=descriptions
homeport/manifest/schema/key_reference: said=values
homeport/manifest/validation/conflicts: asked@KeyPath=path asked@watched=path asked=checks
homeport/manifest/validation/pydantic_errors: asked=check
homeport/manifest/validation/validate: ^_told=_error_of
homeport/pyinfra_adapter/command_line: ^given_data=data_options given@chosen=value given@pairs=pair
homeport/pyinfra_adapter/command_line: given=path
homeport/pyinfra_adapter/install: given=paths
homeport/pyinfra_adapter/inventory: said@rpartition=text said=lines
homeport/rollout/__main__: asked=policy
homeport/rollout/arguments: given=remaining
homeport/rollout/fleet: ^STANDING=STATUS .standing=statuses told=outcomes asked=reachable said=lines
homeport/rollout/guard: ^is_asked_for=is_requested
homeport/rollout/messages: ^standing=status_table
homeport/rollout/policy: asked=policy
homeport/rollout/pyinfra_run: .told=hosts .said=output said=output
homeport/rollout/report: ^_said=_facts .said=facts
homeport/ssh/address: asked=alias said=settings
homeport/ssh/first_login: given=remaining told=shown
homeport/ssh/known_hosts: kept=content
homeport/ssh/public_keys: ^given=resolve
homeport/ssh/reconnect: asked=command told=error
homeport/ssh/same_machine: said=settings
kinds/__init__: ^yours=custom_resources
lab/__main__: given=shell
lab/binfmt: kept=preserve
lab/privilege: kept=variables
lab/snapshots: kept=saved
operations/bootstrap/root_mount: told=values
operations/bootstrap/sshd_logins: .kept=files look=script told@lines=rows told=message
operations/bootstrap/system_services: .kept=files look=script told=setting
operations/bootstrap/zram: .kept=files look=script told=lines
operations/config_files: .kept=files look=script
operations/git_hooks: .kept=files look=script kept=managed
operations/hostctl/deploy_state: told=fields
operations/hostctl/kind: said=warnings
operations/hostctl/preflight: told=values
operations/proxy/apply: keeper=snapshot_context said=digests
operations/proxy/certificates: keeper=snapshot_context
operations/proxy/kind: keeper=snapshot_context
operations/proxy/site: .kept=files keeper=snapshot_context look=script told=lines said=values
operations/services/apply: said=result
operations/units/drop_ins: .kept=source kept=copy
operations/units/kind: .kept=files look=script told=lines kept@parse=managed kept=copy
operations/venvs/drift: told=findings
operations/venvs/drift_top_level: told@drift\.what=reported told=setting
operations/venvs/installed: told@dict=listings told=match
operations/venvs/kind: told@lines=listing told=findings
tools/docgen/overview: ^_said=_values ^_told_of=_cells told=hosts_by_text said=values
tools/docgen/sections: ^_told=_shown_fields ^TOLD_ELSEWHERE=ON_OTHER_PAGES
tools/docgen/sections: told@field\.name=values told@=\stable=body told=parts
tools/docgen/unit_tables: said=values

e2e/lab/fleet: .said=output said=output
e2e/lab/host_program: said=lines
e2e/lab/project: told=operations said=message
e2e/lab/served: said@recv=data said=body given=arguments
e2e/lab/switching: told=spec look=observe
e2e/lab/test_bootstrap: ^SAID=GROUP_DATA said@Deploy=result said@for=output said=output
e2e/lab/test_bootstrap: told@prove=output told=commands given=entry
e2e/lab/test_convergence: ^looks=command_count
e2e/lab/test_dead_man: told@dumps=request told=line said=output
e2e/lab/test_drift: told@for\sfault=finding told=findings nobody=missing
e2e/lab/test_front: .said=echoed given=sent said@Host=value
e2e/lab/test_front: said@getheaders=received said=data told=received
e2e/lab/test_proxy: .said=echoed given=sent said@Host=value
e2e/lab/test_proxy: said@getheaders=received said=data told=received
e2e/lab/test_health: said@curl=output said=journal look=observe asked=starts kept=memory
e2e/lab/test_leaving: told@for=listing told=output
e2e/lab/test_mixing_in: ^YOURS=CUSTOM ^looks=command_count
e2e/lab/test_molecule: told=message
e2e/lab/test_newcomer: told=output
e2e/lab/test_proof: told=message
e2e/lab/test_refused_hosts: ^told=assert_fails_with nobody=empty_file
e2e/lab/test_rollback: given=options told=rows
e2e/lab/test_round_trips: ^SAID=MESSAGES said=message
e2e/lab/test_secrets: told=result
e2e/lab/test_slots: told=message
e2e/lab/test_snapshots: asked=commands
e2e/lab/test_sources: said=output
e2e/lab/test_staging_setup: said=transcript
e2e/lab/test_switching: said=output
e2e/lab/test_upgrading: told=message
e2e/laptop/laptop: ^NOBODY=UNPRIVILEGED ^KEPT=CACHES told=result given=settings kept=bytecode
e2e/laptop/test_laptop: told@EDITS=message told=result said=output
e2e/molecule/conftest: said=output

tests/golden/hostctl: ^Told=RecordedShop ^told_by_hand=run_by_hand kept=folders
tests/golden/hosts: given=app_data
tests/golden/records: ^look=probes given@data_of=data given=stdin asked=calls
tests/golden/refusals: ^Asked=Check ^said=message_of ^told=listing said_by=statuses given=case
tests/golden/runs: ^_told=_as_dict .said=messages .told=planned told=output
tests/golden/runs: given@name,\sline=stdin given=arguments
tests/golden/simulated: ^ASKED=PROBES ^Told=Lines .look=probe asked@findall=probes
tests/golden/simulated: asked@Sequence=expected asked=units

tests/production/confinement: ^kept=may_hold
tests/production/conftest: given=inventory
tests/production/connection: told=output
production/described/disk_wear: said=declared told=values
production/described/hostname: told=values
production/described/paths: told=fields
production/described/platform: told=commands
production/described/proxy: ^_asked=_request said@tr=header told=lines said=error
production/described/release_check: told=values
production/described/run_once: ^SAID=RECORD_KEYS said=entries told=keys
production/described/system_services: told=states
production/described/venvs: told=fields
tests/production/endpoints: ^asked=health_checks said@texts=check said=output
tests/production/proxy: said@_pages=check said=response
tests/production/recovery: look=observe said=replied asked=results
tests/production/slots: told=facts
tests/production/subject: .asked=futures said=lines
tests/production/test_pinboard: kept=stored
tests/production/test_proxy: told=findings
tests/production/test_services: told=output said=state
tests/production/undescribed: given=arguments

tests/support/bare_host: ^NOBODY=UNDESCRIBED
tests/support/colour_kinds: ^said=messages
tests/support/deploy_states: ^Told=Facts told=facts
tests/support/fake_http_server: .asked=requests
tests/support/fake_login: given=arguments
tests/support/fake_nginx: ^SAID=RENEWAL .look=probe given=options said=text
tests/support/fake_pyinfra: .said=facts
tests/support/fake_ssh_server: given=stdin
tests/support/fake_systemd: .asked=checks ._asked=_check_health said@lambda=line said=messages
tests/support/fake_systemd: given=arguments told=states
tests/support/fake_systemd_units: ^Look=Probe ^look=probe look=probe
tests/support/found_venvs: ^look=inspect_venv
tests/support/host_folders: .looks=probes given=stdin look=is_probe said=errors
tests/support/kept_trees: ^KEPT=FIRST
tests/support/changed_trees: ^KEPT=FIRST
tests/support/killed_program: said=label
tests/support/real_delivery: given@command=stdin given=options
tests/support/real_shell: given=stdin
tests/support/rehearsed_host: told=facts .told=wall_time
tests/support/rollout_table: said=output
tests/support/said: ^Said=Capture
tests/support/capture: ^Said=Capture
tests/support/sd_card: ^ASKED=DESCRIPTION
tests/support/shop_host: told=request asked=request
tests/support/shop_versions: told=spec
tests/support/simulated_host: ^look=probe
tests/support/user_project: kept=variables
tests/support/venv_host: .look=probe

unit/artifacts/test_artifact: said=output
unit/artifacts/test_build_file: ^kept=write_build_file said=message
unit/artifacts/test_wheel_contents: told=digest
unit/artifacts/test_wheels: said=outputs
contenders/test_contender: told=setting
benchmarks/load/test_campaign: told=sizes
benchmarks/load/test_load: said=reasons told=samples asked=sent .asked=requests kept=keep_alive
benchmarks/load/test_report: told=text
benchmarks/scale/test_figures: told=data
benchmarks/scale/test_recording: told=lines
benchmarks/scale/test_running: given=arguments
benchmarks/scale/test_simulated: ^LOOK=SCRIPT said@read_output=output said=errors told=output
benchmarks/specs/test_conftest: said=output
unit/benchmarks/test_page: said=text
unit/build/test_main: given=value
unit/deployment/test_history: told@join=records told=message
unit/deployment/test_lifecycle: told=request given=arguments
unit/deployment/test_reports: asked=requests
unit/deployment/test_rollback: asked=requests
unit/deployment/test_verify_deps: looks=probes
unit/pyinfra_adapter/test_in_project: said=output told=message
unit/pyinfra_adapter/test_commands: told=lines
unit/description/test_bootstrap: told=result said=output
unit/description/test_by_name: .told=message said=output
unit/description/test_hardening: kept=remaining
unit/description/test_health: ^asked=health_checks
unit/description/test_host: told@parametrize=value told=message
unit/description/test_host_data: given=value
unit/description/test_proxy: said@statements=directives said@frame=custom said@app\(tls=variant
unit/description/test_proxy: said=options kept=effective
unit/description/test_user_templates: told=values said=message
unit/docs/test_extending: yours=custom
unit/docs/test_troubleshooting: ^said=texts ^SAID=TEXTS ^is_said=is_in_code
unit/engine/test_host_hints: said@CommandOutput=failure said=symptom told=hint
unit/engine/test_phase: said=messages
unit/engine/test_remote: look@arguments=options look=probe looks=probes
unit/engine/test_rollback_on_failure__at_exit: said=output
unit/engine/test_run: look=probe looks=probes said=spoil asked=count
unit/engine/test_secret_digest: said=printed
examples/pinboard/test_package: asked=requirements
examples/pinboard/test_tidy: kept=remaining said=output
examples/pinboard/test_worker: ^told=notifications told=notifications asked=started said=stderr
unit/files/test_entries: told=text kept=state
unit/files/test_install: ^told=ownership look=permissions given=parts
unit/files/test_managed_set: kept@LEDGER=listed kept=state keeper=snapshot_context
unit/files/test_probe: ^look=probe kept@probing=listed kept=state said=output
hostctl/slots/test_app_spec: told=spec
hostctl/slots/test_slots: told=spec
hostctl/snapshots/test_prune: told=spec
test_snapshot: given=arguments kept=entries told=files
test_snapshot__keep: kept=entries told=files
hostctl/system/test_disk_reserve: given@full=arguments given=count
hostctl/system/test_process_handle: said=output
hostctl/system/test_systemd: said=output
unit/hostctl/test_main: said=captured
hostctl/verbs/test_activation: said@argv=commands said=stdin asked=request
hostctl/verbs/test_begin: told=facts said@splitlines=lines
hostctl/verbs/test_begin: said=output given@lambda=arguments given=freed
hostctl/verbs/test_deadman: given=arguments
hostctl/verbs/test_rollback: said@readouterr=output said=command
hostctl/verbs/test_transitions: told=record
unit/lab/test_mirror: kept=expected
manifest/model/test_proxy: said=snippet
manifest/schema/test_key_reference: told=listed said=values
operations/bootstrap/test_host_keys: ^Told=FakeHost .said=messages
operations/bootstrap/test_hostname: kept=expected
operations/bootstrap/test_root_mount: ^NOTHING_KEPT=UNMANAGED given=options kept=expected
operations/bootstrap/test_sshd_lockdown: ^Told=FakeHost .said=messages
operations/bootstrap/test_sshd_logins: ^NOBODY=UNDESCRIBED ^kept=managed
operations/bootstrap/test_system_services: ^look=probe told=output nobody=undescribed
operations/hostctl/test_deploy_state: ^told=read_state
operations/hostctl/test_preflight: said@\(said,\)=warning said=warnings asked=queries told=message
operations/platform/test_disk: told=message
operations/platform/test_kind: look=probe told=message
operations/proxy/test_apply: kept=paths
operations/proxy/test_certificates: told=message asked=arguments
operations/proxy/test_kind: ^Look=Probe
operations/services/test_apply: given=arguments
operations/services/test_kind: told=request said=warning
operations/services/test_probe: asked=requested
operations/test_config_files: ^Look=Probe ^look=probe said=output
operations/test_executables: told=message
operations/test_git_hooks: .keeper=snapshot_context
operations/test_release_check: ^look=probe said=output
operations/test_releases: said=output
operations/units/test_drop_ins: look=probe
operations/units/test_kind: look=probe
operations/units/test_slot_units: look=probe kept=path
operations/venvs/test_installed: .told=findings told@built=findings told=expected
operations/venvs/test_kind: given=payload
production/described/test_hostctl: asked=answers
production/described/test_venvs: told=message
unit/production/test_connection: told=output
unit/production/test_described: said=body
unit/production/test_endpoints: said=replied
unit/production/test_proxy: ^TOLD=ANSWER said@shop=manifest said=response asked=script
unit/production/test_slots: told=extra kept=allowed said=output
unit/production/test_subject: ^asked=answers_to
pyinfra_adapter/test_command_line: said=output given=arguments
pyinfra_adapter/test_data_source: told=message
pyinfra_adapter/test_install: given=arguments
pyinfra_adapter/test_inventory_errors: nobody=unanswered
pyinfra_adapter/test_load_errors: told=message
pyinfra_adapter/test_patches: given=keywords
pyinfra_adapter/test_startup: said=output
unit/rollout/test_batches: asked=policy
unit/rollout/test_guard: ^TOLD=MESSAGE .told=message said=output
unit/rollout/test_main: told=output asked=arguments
unit/rollout/test_messages: said=statuses
unit/rollout/test_policy: given=value told=message
unit/rollout/test_pyinfra_run: said=output
unit/rollout/test_report: told=reports
unit/scenarios/test_probes: ^look=probe_all
scenarios/test_refusals_before_connecting: .told=message
scenarios/test_refusals_before_proving: told@lines=errors told=message
unit/ssh/test_connect_errors: said@list=errors said@connected=errors said=error told=message
unit/ssh/test_early_connect: told=events
unit/ssh/test_first_login: said=errors
unit/ssh/test_host_key: said=messages told=message
unit/ssh/test_known_hosts: told=result
unit/ssh/test_sudo_password: ^Kept=Stdin kept=stdin given=stdin asked=result
host_programs/test_check_config: said=errors
host_programs/test_check_health: told=lines said@_\sin\srange=results said=output kept=memory
host_programs/test_check_imports: told=environment said=output
host_programs/test_initialised: told=recorded
host_programs/test_mark_done: told=recorded
host_programs/test_record: given=arguments kept=written
host_programs/test_record_start: given=arguments kept=written
host_programs/test_run: told=script
laptop/test_run: ^given_to=arguments_of
unit/test_errors: given=value
unit/test_mirror: kept=imports
docgen/test_overview: told=text said=captured
docgen/test_pages: asked=keys
docgen/test_sections: told=text
"""
"""What is renamed in each file."""

LINES = (
    (r"readouterr\(\)$", "captured"),
    (r"readouterr\(\)", "output"),
    (r"str\(caught\.value\)", "message"),
    (r"\.stdout|\.run\(|check_output|, \w+ = \w+\.(?:watch|run)\(", "output"),
    (r"\*given|\*\*given", "arguments"),
    (r"\(\"[\w\", ]+\"\),?$|parametrize", "value"),
)
"""What a line of a file that isn't above tells of a name in it."""

OTHERS = {
    "told": "output",
    "said": "output",
    "given": "arguments",
    "kept": "remaining",
    "asked": "requested",
    "look": "probe",
    "looks": "probes",
    "keeper": "snapshot_context",
    "nobody": "missing",
}
"""What is left over."""


def _rows() -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for line in FILES.strip().splitlines():
        path, _, names = line.partition(": ")
        glob = f"*{path}.py"
        for name in names.split():
            old, _, new = name.rpartition("=")
            old, _, expression = old.partition("@")
            if expression:
                rows.append(("line", old, new, expression, glob))
            elif old[:1] in ".^":
                rows.append(({".": "member", "^": "global"}[old[0]], old[1:], new, glob))
            else:
                rows.append(("local", old, new, glob))
    vague = ("told", "said", "given", "kept", "asked")
    rows += [("line", old, new, line, "*") for line, new in LINES for old in vague]
    return rows + [("local", old, new, "*") for old, new in OTHERS.items()]


NAMES = _rows()

MOVES = {
    "tests/support/said.py": "tests/support/capture.py",
    "tests/support/kept_trees.py": "tests/support/changed_trees.py",
}

WORDS = [
    # Names in strings and in quoted programs.
    {"find": r'"_kept"', "put": '"_read_build"', "files": ["tests/support/described_app.py"]},
    {"find": r"^def yours\(", "put": "def custom_resources(", "files": ["docs/*.md"]},
    {
        "find": r'"assert yours\(',
        "put": '"assert custom_resources(',
        "files": ["tests/unit/docs/*.py"],
    },
    {
        "find": r"assert looks\(",
        "put": "assert command_count(",
        "files": ["docs/testing-guide.md"],
    },
    {
        "find": r"^( *)keeper: SnapshotContext",
        "put": r"\1snapshot_context: SnapshotContext",
        "files": ["tests/golden/records/*.txt"],
    },
    {
        "find": r'ParamSpec\("Given"\)',
        "put": 'ParamSpec("Parameters")',
        "files": ["homeport/errors.py"],
    },
    {
        "find": r"\+ kept: whether it was sent",
        "put": "+ keep_alive: whether it was sent",
        "files": ["benchmarks/load/samples.py"],
    },
    {"find": r'folder / "told"', "put": 'folder / "stdout"', "files": ["benchmarks/scale/*.py"]},
    {"find": r'folder / "said"', "put": 'folder / "stderr"', "files": ["benchmarks/scale/*.py"]},
    {
        "find": r"as ``told`` and ``said``",
        "put": "as ``stdout`` and ``stderr``",
        "files": ["benchmarks/scale/*.py"],
    },
    {
        "find": r'"said"(?=: |\])',
        "put": '"facts"',
        "files": ["homeport/rollout/report.py", "tests/support/fake_pyinfra.py"],
    },
    {
        "find": r"dict\(host, said=world",
        "put": "dict(host, facts=world",
        "files": ["tests/support/fake_pyinfra.py"],
    },
    {
        "find": r"description\.keeper\b",
        "put": "description.snapshot_context",
        "files": ["docs/*.md"],
    },
    {
        "find": r"tests\.support\.said\b",
        "put": "tests.support.capture",
        "files": ["tests/*.py"],
    },
    {
        "find": r"tests\.support\.kept_trees\b",
        "put": "tests.support.changed_trees",
        "files": ["tests/*.py"],
    },
    {
        "find": r"^(\"\"\"What tests of several modules share: )said\.",
        "put": r"\1capture.",
        "files": ["tests/support/*.py"],
    },
    {
        "find": r"^(\"\"\"What tests of several modules share: )kept trees\.",
        "put": r"\1changed trees.",
        "files": ["tests/support/*.py"],
    },
]
