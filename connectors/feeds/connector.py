"""A department that reads its own feed over HTTP, put together."""

from __future__ import annotations

import threading
from functools import partial

from fastapi import APIRouter

from connectors.contract import Made, Refused, Surroundings, Take
from connectors.feeds.answering import Answering
from connectors.feeds.reading import FeedReader
from connectors.feeds.routes import Served, routes
from connectors.feeds.settings import Feeds
from connectors.feeds.shelf import Shelf


class FeedDoor:
    """The inlet: its routes only give, they take nothing."""

    def __init__(self, served: Served) -> None:
        self._served = served

    def routes(self, _take: Take) -> APIRouter:
        return routes(self._served)

    def start(self, _take: Take) -> None:
        """There is nothing to listen to."""

    def stop(self) -> None:
        """Streams end, questions that wait are answered."""
        self._served.stopping.set()
        self._served.shelf.close()


def make(config: Feeds, around: Surroundings) -> Made:
    """The connector of a department. Raises Refused where its file names no subscription."""
    if around.subscription is None or around.kafka is None or around.hub is None:
        raise Refused(f"{around.department.name}.toml: [department] subscription is missing: name the one that is read")
    opened = partial(FeedReader, around.kafka, around.hub, around.subscription)
    shelf = Shelf(opened, config.most_readers)
    answering = Answering(around.hub.namespace, around.reading if config.opens else None)
    served = Served(around.subscription, answering, config, shelf, threading.Event())
    return Made(inlet=FeedDoor(served), close=shelf.close)
