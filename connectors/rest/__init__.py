"""Companies that take work orders over REST and answer by signed call-backs: power, water, gas, heat, telecoms."""

from connectors.contract import Kind
from connectors.rest.connector import make
from connectors.rest.settings import Rest

KIND = Kind("rest", Rest, make, about="work orders out by REST, HMAC-signed call-backs in")
