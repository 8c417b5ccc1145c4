"""Settings of a hub: flags of the command line, else THREECROSS_… in the environment, else what stands here.

Read once, by an entry point, and passed down. Nothing else looks at the environment.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ops.embedded.datadir import DataDir, default_data_dir
from schemas.wire.settings import HubSettings

PREFIX = "THREECROSS_"
_USUAL = HubSettings()


class SettingsProblem(Exception):
    """A setting that cannot be used; the text is one sentence."""


class Settings(BaseSettings):
    """Everything that an entry point may be told. `bootstrap` or `dsn` absent: that server is an embedded one."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Path = Field(default_factory=default_data_dir)
    bootstrap: str | None = None
    dsn: str | None = Field(default=None, repr=False)
    namespace: str = _USUAL.namespace
    partitions: int = Field(default=_USUAL.partitions, ge=1, le=999)
    timezone: str = _USUAL.timezone
    division: str = Field(default=_USUAL.division, pattern="^[0-9]{6}$")
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=0, ge=0, le=65535)
    vault_key: Path | None = None
    departments: Path | None = None
    connectors_token: str | None = None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("is no time zone like Asia/Shanghai") from None
        return value

    @property
    def data(self) -> DataDir:
        """The data directory, absolute."""
        return DataDir(self.data_dir.expanduser().absolute())

    @property
    def key_file(self) -> Path:
        """File of the vault's master key."""
        return self.vault_key or self.data.root / "vault.key"

    @property
    def departments_folder(self) -> Path:
        """Folder of the departments' files."""
        return (self.departments or self.data.root / "departments").expanduser().absolute()

    @property
    def hub(self) -> HubSettings:
        """What every process shares. Raises SettingsProblem."""
        try:
            return HubSettings(self.namespace, self.partitions, self.timezone, self.division)
        except ValueError as wrong:
            raise SettingsProblem(f"The setting {wrong}.") from None


def load(**given: Any) -> Settings:
    """Settings from flags (None: not given) and the environment. Raises SettingsProblem."""
    flags = {name: value for name, value in given.items() if value is not None}
    try:
        settings = Settings(**flags)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0])
        why = first["msg"].removeprefix("Value error, ")
        how = f"--{name.replace('_', '-')}" if name in flags else f"{PREFIX}{name.upper()}"
        raise SettingsProblem(f"{how} cannot be used: {why[0].lower()}{why[1:]}.") from None
    settings.hub  # noqa: B018  its rules are checked here, once
    return settings
