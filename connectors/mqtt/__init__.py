"""Sensors over MQTT: smoke, manhole tilt, water pressure. Alarms become reports, so does a sensor that is gone."""

from connectors.contract import Kind
from connectors.mqtt.connector import make
from connectors.mqtt.settings import Mqtt

KIND = Kind("mqtt", Mqtt, make, about="sensors on a broker: alarms become reports")
