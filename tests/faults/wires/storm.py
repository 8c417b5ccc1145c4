"""A storm over the wires: departments fail in every way they can, the connectors are killed, work goes on meanwhile.

What happens in which order is drawn from a seed; when exactly it meets what, nobody knows. At the end everything is
well again, an operator has what failed for good tried once more, and then the books must agree with the facts.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator

from connectors.delivery.replay import Replay, replay
from schemas import ids
from schemas.events import Assignment, File, Urge
from tests.builders import SYSTEM, Said, claim, dispatch, report
from tests.faults.wires.civic import CouncilSide
from tests.faults.wires.side import Side
from tests.faults.wires.town import Town
from tests.faults.workers import wait_until
from tests.integration.engine import now
from tests.integration.open311.linking import lamp, says

ROUND_SECONDS = 1.0
"""So often each department is given a case."""
YOUNG = 12
"""So many of its last cases may be urged."""
MOMENT_SECONDS = 20.0
"""How long a kill waits for its moment."""
LONGER_SECONDS = 180.0
"""So much longer a storm may blow until each kind of moment was met."""
MOMENTS = ("before sending", "after sending", "after the answer", "at any moment")
Say = Callable[[str], None]


class Load:
    """What goes on all the time: cases for each department, reminders, reports of residents, filings, mendings."""

    def __init__(self, town: Town, chance: random.Random) -> None:
        self.town, self._chance = town, chance
        self.cases: defaultdict[str, list[str]] = defaultdict(list)
        self.claims = 0
        self._young: dict[str, deque[str]] = {side.name: deque(maxlen=YOUNG) for side in town.sides}
        self._filed: set[str] = set()
        self._number = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="load")
        self._sending = threading.Lock()
        self.problem: BaseException | None = None

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """No more new cases. Fails where the load has failed."""
        self._ended.set()
        self._thread.join()
        if self.problem is not None:
            raise self.problem

    def give(self, side: Side) -> str:
        """One case more for a department; its id."""
        with self._sending:
            self._number += 1
            case, claims = self._case(side, self._number)
            self._send(claims)
            self.cases[side.name].append(case)
        return case

    def tidy(self) -> None:
        """The centre files what residents reported, the council mends what is open."""
        with self._sending:
            numbers = [number for number in self.town.app.numbers() if number not in self._filed]
            self._send([says(number, File()) for number in numbers])
            self._filed.update(numbers)
        self.town.council.mend(1_000)

    def _run(self) -> None:
        try:
            while not self._ended.wait(ROUND_SECONDS):
                self._round()
        except BaseException as wrong:  # noqa: BLE001 told by `end`
            self.problem = wrong

    def _round(self) -> None:
        for side in self.town.sides:
            self.give(side)
        for side in self._chance.sample(self.town.sides, 2):
            self._urge(side)
        self.town.app.report(self._chance.choice(("pole", "lamp")))
        self.tidy()

    def _case(self, side: Side, number: int) -> tuple[str, list[Said]]:
        if isinstance(side, CouncilSide):
            case, claims = lamp(number)
            side.expects(case)
            return case, claims
        bodies = (report(), File(), dispatch(Assignment(side.reading.org, "lead")))
        self._young[side.name].append(str(number))
        return ids.case_id(SYSTEM, str(number)), [claim(body, number=str(number), at=now()) for body in bodies]

    def _urge(self, side: Side) -> None:
        """Remind it of a case that it may have done already: that is refused then, and it hears nothing."""
        if young := self._young[side.name]:
            with self._sending:
                self._number += 1
                number, once = self._chance.choice(young), str(self._number)
                self._send([claim(Urge(side.reading.org), number=number, occurrence=once, at=now())])

    def _send(self, claims: list[Said]) -> None:
        self.town.hub.send(claims)
        self.claims += len(claims)


class Storm:
    """One campaign over a town. `happened` counts the faults, `met` the reasons for which deliveries failed."""

    def __init__(self, town: Town, seed: int, say: Say) -> None:
        self.town, self._say = town, say
        self.load = Load(town, random.Random(f"load {seed}"))
        self.happened: Counter[str] = Counter()
        self.replayed = 0
        self._chance = random.Random(f"storm {seed}")
        self._kills = self._moments()

    def blow(self, seconds: float) -> None:
        """Let things go wrong for so long, and until the connectors were killed at each kind of moment."""
        self.load.start()
        try:
            end = time.monotonic() + seconds
            while time.monotonic() < end or not self._met_each_moment(end + LONGER_SECONDS):
                (happen,) = self._chance.choices((self._fault, self._kill, self._down), (10, 3, 3))
                happen()
                time.sleep(self._chance.uniform(0.1, 0.5))
        finally:
            self.load.end()

    def _met_each_moment(self, deadline: float) -> bool:
        missing = [moment for moment in MOMENTS if not self.happened[f"connectors killed {moment}"]]
        assert time.monotonic() < deadline or not missing, f"no kill {missing}"
        return not missing

    def calm(self, seconds: float) -> None:
        """Everything is well again; returns when all is done, or fails after so many seconds."""
        for side in self.town.sides:
            side.calm()
        deadline = time.monotonic() + seconds
        while waiting := self._waits_for():
            left = deadline - time.monotonic()
            assert left > 0, f"no calm in {seconds:.0f} s: {waiting}; {[*map(dict, self.town.undone())][:10]}"
            self._say(f"calm: waiting for {', '.join(waiting)}")
            self.load.tidy()
            self.replayed += self.try_again()
            time.sleep(1)

    def _waits_for(self) -> list[str]:
        waiting = [side.name for side in self.town.everybody if not side.idle()]
        owed = Counter(row["destination"] for row in self.town.undone())
        return waiting + [f"{count} to {name}" for name, count in owed.items()] + self.town.unread()

    def try_again(self) -> int:
        """What an operator does: what failed for good is tried once more. Returns how many steps."""
        dead = self.town.linked.rows("SELECT id, destination FROM deliveries WHERE state = 'dead'")
        with self.town.linked.engine.begin() as c:
            return sum(replay(c, Replay(row["destination"], "operator", delivery=row["id"])) for row in dead)

    # ------------------------------------------------------------ what happens

    def _fault(self) -> None:
        side = self._chance.choice(self.town.sides)
        kind, times = self._chance.choice(side.faults), self._chance.randint(1, 3)
        self._note(f"{side.name}: {kind}")
        side.fault(kind, times)

    def _down(self) -> None:
        side = self._chance.choice(self.town.sides)
        self._note(f"{side.name}: down")
        side.down()
        time.sleep(self._chance.uniform(0.5, 3))
        side.up()

    def _kill(self) -> None:
        next(self._kills)()

    def _moments(self) -> Iterator[Callable[[], None]]:
        """Every moment in its turn, each turn in another order."""
        moments = [self._before_sending, self._after_sending, self._after_the_answer, self._any_moment]
        while True:
            yield from self._chance.sample(moments, len(moments))

    def _before_sending(self) -> None:
        """It has written down what it will send, and cannot send."""
        side = self._chance.choice(self.town.sides)
        side.down()
        case = self.load.give(side)
        self._kill_when(lambda: bool(self.town.states(side.name, case)), MOMENTS[0], side.up)

    def _after_sending(self) -> None:
        """The department has taken it, and the answer has not come."""
        side = self._chance.choice([side for side in self.town.sides if side.silent])
        assert side.silent is not None
        side.fault(side.silent, 1_000)
        case = self.load.give(side)
        self._kill_when(lambda: side.took(case) and self._is_open(side, case), MOMENTS[1], side.calm)

    def _after_the_answer(self) -> None:
        side = self._chance.choice(self.town.sides)
        case = self.load.give(side)
        done = {"acknowledged", "confirmed"}
        self._kill_when(lambda: bool(done & self.town.states(side.name, case)), MOMENTS[2])

    def _any_moment(self) -> None:
        self._kill_when(lambda: True, MOMENTS[-1])

    def _is_open(self, side: Side, case: str) -> bool:
        return "attempted" in self.town.states(side.name, case)

    def _kill_when(self, reached: Callable[[], bool], moment: str, after: Callable[[], None] = lambda: None) -> None:
        """kill -9 at this moment, or at any where it does not come in time."""
        try:
            wait_until(reached, moment, MOMENT_SECONDS)
        except AssertionError:
            moment = MOMENTS[-1]
        self._note(f"connectors killed {moment}")
        self.town.kill()
        after()
        self.town.start()

    def _note(self, what: str) -> None:
        self.happened[what] += 1
        self._say(what)
