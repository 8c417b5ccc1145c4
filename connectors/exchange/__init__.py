"""Exchange tables 前置机: a relational database that both sides read and write."""

from connectors.contract import Kind
from connectors.exchange.connector import make
from connectors.exchange.settings import Exchange

KIND = Kind("exchange", Exchange, make, "orders and answers by tables in a PostgreSQL that both sides write")
