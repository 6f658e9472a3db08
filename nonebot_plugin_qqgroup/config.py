"""What the plugin takes from NoneBot's configuration, as `.env` has it."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field, SecretStr

from qqgroup_provision.bot.run import Options
from qqgroup_provision.bot.serving import Where
from qqgroup_provision.secrets import Secret


class Config(BaseModel):
    """The keys of the plugin; all begin with `qqgroup_`, and `QQGROUP_` in `.env`.

    Without `qqgroup_watch` an interface is served, which takes what the bot is to do, and needs a token.
    """

    qqgroup_data: Path = Path("data/nonebot_plugin_qqgroup")
    qqgroup_watch: Path | None = None
    qqgroup_interface_host: str = "127.0.0.1"
    qqgroup_interface_port: int = Field(default=8095, ge=0, le=65535)
    qqgroup_interface_token: SecretStr = SecretStr("")
    qqgroup_group_pause: float = Field(default=1.0, ge=0.0, le=3600.0)  # seconds, as the next one
    qqgroup_account_pause: float = Field(default=0.3, ge=0.0, le=3600.0)
    qqgroup_font: Path | None = None
    qqgroup_database: SecretStr = SecretStr("")

    def options(self) -> Options:
        """The same as a bot takes it."""
        database = self.qqgroup_database.get_secret_value()
        return Options(
            data=self.qqgroup_data,
            interface=Where(self.qqgroup_interface_host, self.qqgroup_interface_port),
            token=self.qqgroup_interface_token.get_secret_value(),
            watch=self.qqgroup_watch,
            group_pause=self.qqgroup_group_pause,
            account_pause=self.qqgroup_account_pause,
            font=self.qqgroup_font,
            database=Secret(database) if database else None,
        )
