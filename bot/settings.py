"""Every setting, typed and checked at start; `config.yml` first, environment above it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)


class SettingsError(Exception):
    """A setting is wrong; the message names the key and says what would be right."""


class Part(BaseModel):
    """A section of the configuration: an unknown key is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Telegram(Part):
    """The Telegram bot. Without a token the channel is off."""

    token: SecretStr = SecretStr("")
    secret: SecretStr = SecretStr("")
    api_url: str = "https://api.telegram.org"
    mode: Literal["polling", "webhook"] = "polling"


class WhatsApp(Part):
    """WhatsApp through Twilio. Without an account the channel is off."""

    account_sid: str = ""
    auth_token: SecretStr = SecretStr("")
    sender: str = ""
    api_url: str = "https://api.twilio.com"
    content_url: str = ""
    media_hosts: tuple[str, ...] = ("api.twilio.com", "media.twiliocdn.com", "mms.twiliocdn.com")


class Phone(Part):
    """The phone page, for trying Saathi in a browser. Off in production."""

    enabled: bool = True


class Channels(Part):
    """The ways to reach Saathi."""

    telegram: Telegram = Telegram()
    whatsapp: WhatsApp = WhatsApp()
    phone: Phone = Phone()


class Review(Part):
    """The review backend. Without a url the sandbox that comes with Saathi serves."""

    url: str = ""
    token: SecretStr = SecretStr("")
    webhook_secret: SecretStr = SecretStr("")
    poll_seconds: int = Field(default=0, ge=0)


class Redis(Part):
    """The live state: one server, Sentinels or a Cluster. Without a url one is embedded."""

    url: str = ""
    shards: int = Field(default=1, ge=1)
    on_disk: bool = False
    replicas: int = Field(default=0, ge=0)


class Database(Part):
    """The record. Without a url an embedded PostgreSQL is started."""

    url: str = ""


class Documents(Part):
    """A folder, or `s3://bucket/prefix`. Without a url a folder in data_dir."""

    url: str = ""
    endpoint_url: str = ""
    region: str = ""


class Uploads(Part):
    """The page for files too big for a chat: how big, how many, how long a link to it works."""

    most_mb: int = Field(default=1024, ge=1)
    case_mb: int = Field(default=4096, ge=1)
    open_per_case: int = Field(default=8, ge=1)
    link_hours: int = Field(default=24, ge=1, le=168)


class Rasa(Part):
    """Free-text understanding. Without a url Saathi starts Rasa where it is installed."""

    url: str = ""
    token: SecretStr = SecretStr("")
    timeout_seconds: float = Field(default=1.0, gt=0)
    enabled: bool = True


class Bedrock(Part):
    """A stronger reader, asked last. Without a model it is off; what it reads is masked."""

    model: str = ""
    region: str = ""
    timeout_seconds: float = Field(default=4.0, gt=0, le=20)
    calls_per_day: int = Field(default=500, ge=0)


class Voice(Part):
    """Voice notes made words of by Amazon Transcribe, where a bucket is named; questions read
    aloud by Amazon Polly, where `aloud` is set."""

    bucket: str = ""
    region: str = ""
    aloud: bool = False


class Antivirus(Part):
    """A ClamAV daemon that is asked about every file; `required`: without its answer none is
    taken."""

    url: str = ""
    required: bool = False
    stream_mb: int = Field(default=25, ge=2, le=4000)


class Reading(Part):
    """Which engine reads the pages of papers in the background (docs/reading.md)."""

    engine: Literal["auto", "rapid", "tesseract", "textract", "off"] = "auto"
    region: str = ""


class Web(Part):
    """Where the web process listens, the largest webhook and most messages that it reads."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    max_body: int = 1_048_576
    per_minute: int = Field(default=200, ge=1)


class Keys(Part):
    """The operator's master key, base64 of 32 bytes; made and kept in data_dir if empty."""

    master: SecretStr = SecretStr("")


class Desk(Part):
    """The agents' page, and within how many minutes a waiting person is promised one."""

    promise_minutes: int = Field(default=30, ge=1)


class Service(Part):
    """What the operator tells people: name, fee, contact for complaints, the panel."""

    name: str = "Saathi"
    fee: str = "₹ 3,000"
    grievance: str = "grievance@saathi.example"
    phone: str = ""
    panel: tuple[str, ...] = ()


class Settings(BaseSettings):
    """All of it. `SAATHI_WEB__PORT=8080` overrides `web.port`."""

    model_config = SettingsConfigDict(
        env_prefix="SAATHI_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    channels: Channels = Channels()
    review: Review = Review()
    redis: Redis = Redis()
    database: Database = Database()
    documents: Documents = Documents()
    uploads: Uploads = Uploads()
    rasa: Rasa = Rasa()
    bedrock: Bedrock = Bedrock()
    voice: Voice = Voice()
    antivirus: Antivirus = Antivirus()
    reading: Reading = Reading()
    web: Web = Web()
    keys: Keys = Keys()
    desk: Desk = Desk()
    service: Service = Service()
    public_url: str = ""
    data_dir: Path = Path("data")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment above the file, so that one image runs everywhere."""
        return env_settings, file_secret_settings, init_settings


def load(file: Path | None = Path("config.yml")) -> Settings:
    """The settings of this process; raise SettingsError naming the wrong key."""
    try:
        return Settings(**_read(file))
    except ValidationError as error:
        raise SettingsError(_explain(error)) from None


def _read(file: Path | None) -> dict[str, Any]:
    if not file or not file.exists():
        return {}
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise SettingsError(f"{file.name} is not valid YAML: {error}") from None
    if not isinstance(found, Mapping):
        raise SettingsError(f"{file.name} must hold sections such as `web:`")
    return dict(found)


def _explain(error: ValidationError) -> str:
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        key = ".".join(str(part) for part in problem["loc"])
        variable = "SAATHI_" + "__".join(str(part) for part in problem["loc"]).upper()
        lines.append(f"{key}: {problem['msg']} (config.yml, or {variable})")
    return "\n".join(lines)
