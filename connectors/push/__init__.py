"""HTTP push with call-back: orders to the platform of a department, status words back, both signed."""

from connectors.contract import Kind
from connectors.push.connector import make
from connectors.push.settings import Push

KIND = Kind("push", Push, make, "orders by signed HTTP push, answers by signed call-back")
