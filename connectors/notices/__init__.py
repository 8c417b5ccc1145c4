"""Notices to persons on duty: the robots of WeCom, DingTalk and Feishu groups, and mail."""

from connectors.contract import Kind
from connectors.notices.connector import make
from connectors.notices.settings import Notices

KIND = Kind(
    "notices", Notices, make, about="persons on duty are told by messenger or mail, the next where nobody answers"
)
