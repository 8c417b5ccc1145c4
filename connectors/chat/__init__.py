"""Chat groups of grids: a message with place and photo becomes a report, and the group is told what becomes of it."""

from connectors.chat.connector import make
from connectors.chat.settings import Chat
from connectors.contract import Kind

KIND = Kind("chat", Chat, make, about="registered chat groups: reports in, numbers and answers back into the group")
