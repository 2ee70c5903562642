"""The program on the host is homeportctl: its paths, units, verbs, options and state files."""

HOSTCTL = r"homeport/hostctl/|operations/hostctl/|tests/(unit|support|golden|e2e|production)/"
PROGRAM = r"homeport/hostctl/"
CALLS = r"tests/(unit/(hostctl|scenarios/hostctl|templates)|support|golden)/"
VERBS = "begin|activate|confirm|revert|rollback|boot|status|history|lock|unlock|pin|unpin"

WORDS = [
    # Where it lies.
    (r"/usr/local/(sbin|lib)/homeport\b", r"/usr/local/\1/homeportctl"),
    (r"\busr/local/(sbin|lib)/homeport\b", r"usr/local/\1/homeportctl"),
    (r"((?:\{folder\}|\{\}|below\})/(?:s?bin|lib))/homeport\b", r"\1/homeportctl", HOSTCTL),
    (r'"(sbin|lib)/homeport\b', r'"\1/homeportctl', HOSTCTL),
    (r"`homeport\.versions`", "`homeportctl.versions`"),
    (r'\(texts / "homeport"\)', '(texts / "homeportctl")', HOSTCTL),
    (r"host_programs/homeport\b(?!-)", "host_programs/homeportctl"),
    # Its units.
    (r"\bhomeport-(boot|activate)\b", r"homeportctl-\1"),
    (r"\bhomeport-deadman-", "homeportctl-watchdog-"),
    (r"\bhomeport-finish-", "homeportctl-cleanup-"),
    # Its verbs, as they are typed.
    (rf"\bhomeport ({VERBS})\b", r"homeportctl \1"),
    (r"\bhomeport keep\b", "homeportctl snapshot"),
    (r"\} keep \{quote", "} snapshot {quote"),
    (r'"keep", (?=APP\b|"shop"|name, )', '"snapshot", ', CALLS),
    (r'"keep", "d1"', '"snapshot", "d1"', CALLS),
    (r'"deadman", (?=APP|"shop"|place\.app)', '"watchdog", ', CALLS + "|" + PROGRAM),
    (r'"deadman", (?=APP|place)', '"watchdog", '),
    (r'"finish", (?=APP|place\.app|"shop"|app\b)', '"cleanup", '),
    (r'"finish" in unit', '"cleanup" in unit'),
    (r"\bkeep (?=APP\b)", "snapshot ", PROGRAM),
    (r"\bdeadman (?=APP\b)", "watchdog ", PROGRAM),
    (r"\bfinish (?=APP\b)", "cleanup ", PROGRAM),
    (r'^    "keep": ', '    "snapshot": ', PROGRAM + "__main__"),
    (r'^    "deadman": ', '    "watchdog": ', PROGRAM + "__main__"),
    (r'^    "finish": ', '    "cleanup": ', PROGRAM + "__main__"),
    (r"cleanup:finish\b", "cleanup:cleanup", PROGRAM),
    # Its options.
    (r"--held\b", "--deploy-id"),
    (r"--by\b", "--user"),
    (r'"--here"', '"--detached"', PROGRAM),
    (r"--user WHO", "--user USER"),
    # What it says of itself.
    (r"\busage: homeport\b", "usage: homeportctl"),
    (r'"homeport: (?=\{)', '"homeportctl: ', PROGRAM),
    (r'"homeport: (?=deploy)', '"homeportctl: ', PROGRAM),
    (r"\bhomeport ended with\b", "homeportctl ended with"),
    (r'^ITSELF = "homeport: "', 'ITSELF = "homeportctl: "'),
    (r'"homeport: (?=1 is|deploy 1|another|usage|it is locked|\'etc)', '"homeportctl: ', "tests/"),
    (r'"\$ homeport \{', '"$ homeportctl {'),
    (r"``homeport VERB", "``homeportctl VERB"),
    # Its state files.
    (
        r"((?:/var/lib/homeport/[\w-]+|\{(?:own|OWN|place|APP)\}|shop|blog|another|\$theirs"
        r"|\{guard\.app\})/)deploy\b",
        r"\1journal",
        r"homeport/|operations/|tests/|templates/",
    ),
    (r"((?:/var/lib/homeport/[\w-]+|\{place\.own\}|another)/)before\b", r"\1snapshot", r"tests/"),
    (r'self\.own / "deploy"', 'self.own / "journal"'),
    (r'self\.own / "last"', 'self.own / "journal.last"'),
    (r'self\.own / "before"', 'self.own / "snapshot"'),
    (r'self\.state / "key"', 'self.state / "hmac-key"'),
    (r'self\.state / "working"', 'self.state / "mutex"'),
    (r'"key", "lease", "lock", "working"', '"hmac-key", "lease", "lock", "mutex"'),
    (r'"history\\nlast\\n"', r'"history\\njournal.last\\n"'),
    (r'"key", "tiny", "working"', '"hmac-key", "mutex", "tiny"'),
    (r'state/key"', 'state/hmac-key"', "tests/unit/hostctl/"),
    (r'"lease", "key"\]', '"lease", "hmac-key"]', "tests/unit/manifest/"),
    # The programs of an application.
    (r"\bawait-socket\b", "wait-for-socket"),
    (r"\bshow-socket\b", "publish-socket"),
    (r"(?<=[`/\"])initialised(?=[`\" |])", "mark-done"),
    (r"^# initialised\b", "# mark-done"),
    (r"\{\{ initialised \}\}", "{{ mark_done }}"),
    (r'"mark-done": place', '"mark_done": place'),
    (r"test_initialised__", "test_mark_done__"),
    (r"host_programs\.initialised", "host_programs.mark-done"),
    (r"/bin/record\b(?!-)", "/bin/record-start"),
    (
        r'"record"(?=, "run"|\)\.read_text|\])',
        '"record-start"',
        r"homeport/description|tests/unit/templates",
    ),
    (r'tmp_path / "record"', 'tmp_path / "record-start"', "tests/unit/templates"),
    (r'"record": place\.program\("record"\)', '"record_start": place.program("record-start")'),
    (r"\{\{ record \}\}", "{{ record_start }}"),
    (r"^# record\b", "# record-start", "templates/|tests/unit/templates"),
]
