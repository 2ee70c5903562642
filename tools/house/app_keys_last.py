"""Keys of app.yml: the last places."""

WORDS = [
    (r'\(\("names", at\)', '(("server_names", at)', "homeport/manifest/model/proxy.py"),
    (
        r'\("headers", (name|other)\)',
        r'("response_headers", \1)',
        "homeport/manifest/model/proxy.py",
    ),
    (r'partition\("config:', 'partition("config_files:'),
    (r'"config: \{shop', '"config_files: {shop'),
    (
        r'\("every", "timeout", "failures", "restarts", "start"\)',
        '("interval", "timeout", "failure_threshold", "max_restarts_per_hour", "start_period")',
    ),
    (r"\bapp\((.*?)\bnames=\(", r"app(\1server_names=(", "tests/unit/description/test_proxy.py"),
    (r"\bapp\((.*?)\bbody=", r"app(\1max_body_size=", "tests/unit/description/test_proxy.py"),
    (
        r"\bapp\((.*?)\bhealth=",
        r"app(\1expose_health_paths=",
        "tests/unit/description/test_proxy.py",
    ),
    (
        r"\bapp\((.*?)\brepeat=",
        r"app(\1retry_non_idempotent=",
        "tests/unit/description/test_proxy.py",
    ),
    (r"\bapp\((.*?)\btimeout=", r"app(\1response_timeout=", "tests/unit/description/test_proxy.py"),
    (r"\bapp\((.*?)\bheaders=", r"app(\1response_headers=", "tests/unit/description/test_proxy.py"),
    (r'\("packages:", "package:", 8\)', '("apt_packages:", "apt_package:", 8)'),
    (r"\"packages: (?=sqlite3|\{)", '"apt_packages: ', "tests/unit/scenarios/test_app_refusals.py"),
    (r"/Init\b", "/RunOnceJob", "tests/unit/manifest/schema/*.py"),
    (r'"processes", "web", "relax"', '"processes", "web", "disable_hardening"'),
]
