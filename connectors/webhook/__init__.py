"""Signed webhooks: each item of a feed is posted to the department, in order within its case, until it is taken."""

from connectors.contract import Kind
from connectors.webhook.connector import make
from connectors.webhook.settings import Webhook

KIND = Kind("webhook", Webhook, make, about="items of the feed are posted to the department, signed")
