"""Credentials: the three kinds, and where each is looked for. A message names variables and files, never a value.

This module does not load httpx, so that commands without a network stay quick.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from rtcctl.errors import CredentialsError
from rtcctl.model.discreet import Discreet
from rtcctl.model.values import Secret

TOKEN = "RTCCTL_TOKEN"  # noqa: S105 - the name of a variable
ACCESS_KEY = "HUAWEICLOUD_SDK_AK"
SECRET_KEY = "HUAWEICLOUD_SDK_SK"  # noqa: S105 - the name of a variable
PROJECT_ID = "HUAWEICLOUD_SDK_PROJECT_ID"
SECURITY_TOKEN = "HUAWEICLOUD_SDK_SECURITY_TOKEN"  # noqa: S105 - the name of a variable
FILE = "HUAWEICLOUD_SDK_CREDENTIALS_FILE"
USERNAME = "RTCCTL_USERNAME"
PASSWORD = "RTCCTL_PASSWORD"  # noqa: S105 - the name of a variable
DOMAIN = "RTCCTL_DOMAIN"

_SECTION = "basic"
"""The section that the official SDK reads for services with projects; `[global]` is for those without."""


NONE = "no credentials found"
"""How the message begins where there are none at all."""


class TokenCredentials(Struct, frozen=True):
    """A token that somebody else has fetched; valid for 24 hours at most. `source` says where it was found."""

    token: Secret
    source: str = TOKEN

    @property
    def identity(self) -> Mapping[str, str]:
        """Nothing: a token does not tell whose it is."""
        return {}

    def describe(self) -> str:
        """Return kind and origin."""
        return f"a token from {self.source}"


class AkSkCredentials(Discreet, frozen=True):
    """Access key and secret key, permanent or (with a security token) temporary."""

    access_key: str
    secret_key: Secret
    project_id: str
    security_token: Secret | None = None
    source: str = f"{ACCESS_KEY}, {SECRET_KEY}, {PROJECT_ID}"

    def __repr__(self) -> str:
        """Hide the keys."""
        return f"AkSkCredentials({self.project_id!r})"

    @property
    def identity(self) -> Mapping[str, str]:
        """The project that the keys are used for."""
        return {"project_id": self.project_id}

    def describe(self) -> str:
        """Return kind and origin."""
        return f"{'temporary ' if self.security_token else ''}AK/SK from {self.source}"


class PasswordCredentials(Struct, frozen=True):
    """An IAM user; `domain` is the account's name."""

    username: str
    password: Secret
    domain: str
    source: str = f"{USERNAME}, {PASSWORD}, {DOMAIN}"

    @property
    def identity(self) -> Mapping[str, str]:
        """The account."""
        return {"domain": self.domain}

    def describe(self) -> str:
        """Return kind and origin."""
        return f"an IAM user with password from {self.source}"


Credentials: TypeAlias = TokenCredentials | AkSkCredentials | PasswordCredentials


class _Found(Discreet, frozen=True):
    """Values by variable name, blanks around them dropped; an empty value counts as none."""

    values: Mapping[str, str]
    prefix: str

    def __repr__(self) -> str:
        return f"_Found({self.prefix!r})"

    def name(self, variable: str) -> str:
        return f"{self.prefix}_{variable}" if self.prefix else variable

    def get(self, variable: str) -> str:
        return self.values.get(self.name(variable), "").strip()

    def names(self, *variables: str) -> str:
        return ", ".join(self.name(variable) for variable in variables)

    def require(self, *variables: str) -> None:
        missing = [self.name(variable) for variable in variables if not self.get(variable)]
        if missing:
            given = self.names(*(variable for variable in variables if self.get(variable)))
            raise CredentialsError(
                f"incomplete credentials: {given} is set, but not {' and '.join(missing)}",
                mend=f"set {' and '.join(missing)} too, or unset {given}",
            )

    def secret(self, variable: str) -> Secret:
        return Secret(self.get(variable), f"env:{self.name(variable)}")


def find(environ: Mapping[str, str], prefix: str = "") -> Credentials:
    """Return the first credentials found (DESIGN section 5): token, AK/SK, the SDK's file, IAM user.

    Args:
        environ: the environment's variables. `HOME` leads to the SDK's file at its usual place.
        prefix: an account's prefix; with `EDU`, every name is read as `EDU_…`. The file at its usual place belongs to
            no prefix and is left aside then.

    Raises:
        CredentialsError: there are none, or the first ones found are incomplete or unusable.
    """
    found = _Found(environ, prefix)
    credentials = _token(found) or _keys(found) or _file(found) or _password(found)
    if credentials is None:
        raise CredentialsError(
            f"{NONE}{f' for the account with prefix {prefix}' if prefix else ''}",
            mend=f"set {found.name(TOKEN)} (a token), or {found.names(ACCESS_KEY, SECRET_KEY, PROJECT_ID)} (AK/SK; "
            f"or {found.name(FILE)}, a file with them), or {found.names(USERNAME, PASSWORD, DOMAIN)} (an IAM user)",
        )
    return credentials


def _token(found: _Found) -> TokenCredentials | None:
    if not found.get(TOKEN):
        return None
    _sendable(found.get(TOKEN), found.name(TOKEN))
    return TokenCredentials(found.secret(TOKEN), found.name(TOKEN))


def _keys(found: _Found) -> AkSkCredentials | None:
    if not found.get(ACCESS_KEY) and not found.get(SECRET_KEY):
        return None
    found.require(ACCESS_KEY, SECRET_KEY, PROJECT_ID)
    for variable in (ACCESS_KEY, SECRET_KEY, PROJECT_ID, SECURITY_TOKEN):
        _sendable(found.get(variable), found.name(variable))
    return AkSkCredentials(
        found.get(ACCESS_KEY),
        found.secret(SECRET_KEY),
        found.get(PROJECT_ID),
        found.secret(SECURITY_TOKEN) if found.get(SECURITY_TOKEN) else None,
        found.names(ACCESS_KEY, SECRET_KEY, PROJECT_ID),
    )


def _password(found: _Found) -> PasswordCredentials | None:
    if not found.get(USERNAME) and not found.get(PASSWORD):
        return None
    found.require(USERNAME, PASSWORD, DOMAIN)
    # A password may begin or end with a blank, so it is taken as it stands.
    password = Secret(found.values[found.name(PASSWORD)], f"env:{found.name(PASSWORD)}")
    source = found.names(USERNAME, PASSWORD, DOMAIN)
    return PasswordCredentials(found.get(USERNAME), password, found.get(DOMAIN), source)


def _file(found: _Found) -> AkSkCredentials | None:
    named = found.get(FILE)
    if named:
        return _from_file(Path(named), found.name(FILE), needed=True)
    home = found.values.get("HOME") or found.values.get("USERPROFILE")
    if found.prefix or not home:
        return None
    return _from_file(Path(home, ".huaweicloud", "credentials"), "its usual place", needed=False)


def _from_file(path: Path, where: str, *, needed: bool) -> AkSkCredentials | None:
    """Read the file as the official SDK does: INI with interpolation, UTF-8, section `[basic]`."""
    import configparser

    parser = configparser.ConfigParser()
    try:
        with path.open(encoding="utf-8") as lines:
            parser.read_file(lines)
        if not needed and not parser.has_section(_SECTION):
            return None
        values = {name: value.strip() for name, value in parser.items(_SECTION)}
    except FileNotFoundError:
        if not needed:
            return None
        raise CredentialsError(f"the credentials file {path} ({where}) does not exist") from None
    except OSError as error:
        raise CredentialsError(f"the credentials file {path} ({where}) can't be read: {error.strerror}") from None
    except configparser.NoSectionError:
        raise CredentialsError(f"the credentials file {path} has no section [{_SECTION}]") from None
    except configparser.InterpolationError:  # its text quotes the value
        raise CredentialsError(
            f"a value in [{_SECTION}] of the credentials file {path} holds a single %", mend="write %% for %"
        ) from None
    except (configparser.Error, UnicodeDecodeError):  # their texts quote the line
        raise CredentialsError(f"the credentials file {path} is not an INI file") from None
    return _from_section(values, path)


def _from_section(values: Mapping[str, str], path: Path) -> AkSkCredentials:
    missing = [name for name in ("ak", "sk", "project_id") if not values.get(name)]
    if missing:
        raise CredentialsError(
            f"incomplete credentials: {' and '.join(missing)} not set in [{_SECTION}] of the credentials file {path}",
            mend=f"set {' and '.join(missing)} there",
        )
    for name in ("ak", "sk", "project_id", "security_token"):
        _sendable(values.get(name, ""), f"{name} in {path}")
    origin = f"file:{path}"
    token = values.get("security_token")
    return AkSkCredentials(
        values["ak"],
        Secret(values["sk"], origin),
        values["project_id"],
        Secret(token, origin) if token else None,
        str(path),
    )


def _sendable(value: str, name: str) -> None:
    # Headers and keys are visible ASCII; libraries would refuse anything else with the value in their message.
    if not (value.isascii() and all("!" <= character <= "~" for character in value)):
        raise CredentialsError(f"{name} holds blanks, line ends or letters beyond ASCII", mend="copy it once more")
