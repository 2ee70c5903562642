"""Power cuts of a machine, each compared with the model: the same story, cut at the same call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from homeport.hostctl.transaction import history
from lab.console import say
from lab.full_machine import FullMachine
from tests.faults.machine.outcome import outcome, predicted, quiet
from tests.faults.machine.real_shop import RealShop, real
from tests.faults.machine.results import Result
from tests.faults.power_cuts import LATER, STORIES, Stage, confirmed
from tests.support.shop_versions import NEW, OLD

PLAYED = ("a deploy", "a first deploy", "a rollback")
COMMIT_SECONDS = 8.0
"""ext4 writes back what wasn't synced every five seconds, or sooner."""
REACHED = 900.0
"""Seconds in which a story comes to the call before which it is cut."""


@dataclass(frozen=True)
class ModelCut:
    """A power cut: a story, the call of the program that isn't made any more, and a manner.

    + manner: "none", "all", or "some" and seconds: what becomes of unsynced writes
    """

    number: int
    story: str
    call: str
    manner: str


class ModelCuts:
    """The model's stories, told in the model, and on a machine as often as it is cut.

    + calls: those of a story that the machine makes, once it is prepared
    """

    def __init__(self, machine: FullMachine, folder: Path, seed: int) -> None:
        self.machine, self.folder, self.seed = machine, folder, seed
        self.shop = RealShop(machine)
        stories = {story.name: story for story in STORIES if story.name in PLAYED}
        self.calls: dict[str, set[str]] = {}
        with quiet():
            self.stages = {name: Stage(stories[name], folder / name) for name in PLAYED}

    def drawn(self, number: int) -> ModelCut:
        """Return the cut of that number, of a call that is made in the model and on the machine.

        It is the same for the same seed.
        """
        random = Random(f"{self.seed} model {number}")
        story = PLAYED[number % len(PLAYED)]
        every = list(self.stages[story].calls)
        call = random.choice(every)
        while call not in self.calls[story]:
            call = random.choice(every)
        seconds = round(random.uniform(1, COMMIT_SECONDS), 1)
        return ModelCut(number, story, call, random.choice(("none", "all", f"some {seconds}")))

    def prepare(self) -> Mapping[str, Sequence[str]]:
        """Make the disks that stories begin with; return how calls differ from the model's.

        They are told by story: those that one has and the other hasn't.
        """
        differing = {}
        self.machine.new()
        self.machine.start()
        self.shop.install()
        self._keep("a first deploy")
        for name, story, version in (
            ("d1", "a first deploy", OLD),
            ("d2", "a deploy", NEW),
            ("", "a rollback", None),
        ):
            self.machine.start()
            self.shop.watch()
            done = self.shop.deploy(name, version) if version else self.shop.rollback()
            if done.returncode:
                raise RuntimeError(f"{story} fails on the machine: {done.stdout}{done.stderr}")
            model, machine = self.stages[story].calls, self.shop.calls()
            verbs = {call.partition(":")[0] for call in model}
            found = {call for call in machine if call.partition(":")[0] in verbs}
            differing[story] = sorted(set(model) ^ found)
            self.calls[story] = found
            self.shop.settle()
            if version:
                self._keep("a deploy" if version is OLD else "a rollback")
        self.machine.cut()
        return differing

    def play(self, case: ModelCut) -> Result:
        """Tell the story until it is cut, boot, and hold what is there to the model."""
        stage = self.stages[case.story]
        ended = ""
        try:
            self._cut(case)
            self.machine.start()
            self.shop.settle()
            ended = self._judge(stage, case)
        except Exception as error:
            return self._result(case, ended, f"{type(error).__name__} {error}")
        finally:
            self.machine.cut()
        return self._result(case, ended)

    def _cut(self, case: ModelCut) -> None:
        self.machine.new(self._disk(case.story))
        self.machine.start()
        self.shop.watch(case.call, case.manner)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(self._tell, case.story)
            is_there = self.machine.marked(REACHED)
            self.machine.cut()
        if not is_there:
            raise TimeoutError(f"the machine never came to {case.call}")

    def _tell(self, story: str) -> None:
        if story == "a rollback":
            self.shop.rollback()
        else:
            self.shop.deploy("cut", OLD if story == "a first deploy" else NEW)

    def _judge(self, stage: Stage, case: ModelCut) -> str:
        with TemporaryDirectory(dir=self.folder) as name:
            folder = Path(name)
            seen = self.shop.seen(folder / "seen")
            found, may = outcome(seen), predicted(stage, stage.calls[case.call], folder / "model")
            if found not in may:
                raise AssertionError(f"{found} is none of {may}")
            past = history.read(seen.place)[: len(stage.past)]
            outcomes = [(line["what"], line["outcome"]) for line in past]
            if outcomes != [(line["what"], line["outcome"]) for line in stage.past]:
                raise AssertionError(f"the history has lost a line: {outcomes}")
            is_new = confirmed(seen, {str(line["id"]) for line in past})
            wanted = stage.story.after if is_new else stage.story.before
            seen.whole(wanted and real(wanted))
            done = self.shop.deploy("later", LATER)
            if done.returncode:
                raise AssertionError(f"the next deploy fails: {done.stdout}{done.stderr}")
            self.shop.settle()
            self.shop.seen(folder / "later").whole(real(LATER))
        return "the new release" if is_new else "the old release" if wanted else "no release"

    def _result(self, case: ModelCut, ended: str, wrong: str = "") -> Result:
        return Result(case.number, case.story, case.call, case.manner, ended, wrong)

    def _keep(self, story: str) -> None:
        self.machine.keep(self._disk(story))
        say("machine", f"disk of {story!r} is made")

    def _disk(self, story: str) -> Path:
        return self.folder / f"{story.replace(' ', '-')}.disk"
