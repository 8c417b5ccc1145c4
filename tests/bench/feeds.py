"""The outbox without Kafka: facts in, encoded items out, on one core. Prints CPU µs and facts per CPU second, one JSON
line.

`--cases N`: N cases of nine facts. Ten departments have subscribed to what they lead or assist in; two of them are
parties of each case. Then the same with nobody subscribed, and with one who hears everything.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from schemas.codec import encode_hub
from schemas.events import Assignment, Subscription
from schemas.feeds import headers
from streams.core.reference import EMPTY
from streams.outbox.items import Told
from streams.outbox.partition import Feed, Partition, no_problem
from streams.outbox.wanting import Version
from streams.runtime.interpreter import tune_interpreter
from tests.builders import CLOSED, dispatched
from tests.feeds import placed
from tests.linking import story

DEPARTMENTS = 10
PORTION = 1_000


def facts(cases: int) -> list[Told]:
    """Nine facts of each case, all cases at once in the same stage, as they come in a busy hour."""
    stories = [story(str(n), *(_sent(n) if i == 2 else body for i, body in enumerate(CLOSED))) for n in range(cases)]
    return placed(fact for together in zip(*stories, strict=True) for fact in together)


def _sent(n: int) -> Any:
    lead, assist = f"department-{n % DEPARTMENTS}", f"department-{(n + 1) % DEPARTMENTS}"
    return dispatched(Assignment(lead, "lead"), Assignment(assist, "assist"))


def feeds(*subscriptions: Subscription) -> dict[str, Feed]:
    return {one.code: Feed((Version(1, 0, False, one),)) for one in subscriptions}


def measured(told: list[Told], subscribed: dict[str, Feed]) -> dict[str, float]:
    """CPU of folding, deciding and encoding."""
    partition = Partition()
    partition.feeds = subscribed
    count, began = 0, time.process_time()
    for start in range(0, len(told), PORTION):
        for item in partition.take(told[start : start + PORTION], EMPTY, no_problem):
            encode_hub(item)
            headers(item, "threecross", 0)
            count += 1
    spent = time.process_time() - began
    return {"facts": len(told) / spent, "items": count / spent, "item_share": count / len(told)}


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, required=True)
    told = facts(parser.parse_args().cases)
    tune_interpreter()
    roles: Any = ("lead", "assist")
    departments = [Subscription(f"d-{n}", f"department-{n}", involved_as=roles) for n in range(DEPARTMENTS)]
    print(
        json.dumps(
            {
                "departments": measured(told, feeds(*departments)),
                "nobody": measured(told, {}),
                "everything": measured(told, feeds(Subscription("all", "centre", "dispatcher"))),
            }
        )
    )


if __name__ == "__main__":
    main()
