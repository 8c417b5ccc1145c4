"""Feeds for those who have no Kafka client: read from a place on, shown as JSON, pulled and streamed over HTTP."""

from connectors.contract import Kind
from connectors.feeds.connector import make
from connectors.feeds.settings import Feeds

KIND = Kind("feeds", Feeds, make, about="the department pulls its feed over HTTP, or has it streamed")
