"""Where a run goes: the service over the network, or the simulator inside this process, and the state that fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rtcctl.api import credentials as found
from rtcctl.api.client import Client
from rtcctl.api.endpoints import DEFAULT_ENDPOINT, DEFAULT_IAM_ENDPOINT, normalize
from rtcctl.errors import Diagnostic, UsageError
from rtcctl.model.ledger import Binding
from rtcctl.model.resource import Account, Project
from rtcctl.model.values import Secret
from rtcctl.operations.settings import Settings
from rtcctl.operations.simulating import opening
from rtcctl.state.folder import FolderState

_INSIDE = "http://127.0.0.1"
_SIMULATOR = "simulator"


@dataclass(frozen=True, slots=True)
class Connection:
    """A client that has not called anything yet, the state that goes with it, and words for the place."""

    client: Client
    state: FolderState
    target: str
    warnings: tuple[Diagnostic, ...] = ()


def connect(settings: Settings, project: Project) -> Connection:
    """Find credentials and endpoints, and the state that belongs to them. Nothing is called.

    Raises:
        CredentialsError: no usable credentials.
        UsageError: an endpoint is not acceptable, or RTCCTL_STATE names no folder.
    """
    return _embedded(settings, project) if settings.simulator else _remote(settings, project)


def state_of(settings: Settings, project: Project) -> FolderState:
    """Find the state alone: no credentials are needed, so that it is not compared whose they are.

    Raises:
        UsageError: an endpoint is not acceptable, or RTCCTL_STATE names no folder.
    """
    if settings.simulator:
        return _state(_beside(settings.folder / settings.simulator_data), project, _SIMULATOR, {})
    root = settings.folder / _backend(settings.environ, project)
    return _state(root, project, normalize(_endpoint(settings)), {})


def _endpoint(settings: Settings) -> str:
    return settings.endpoint or settings.environ.get("RTCCTL_ENDPOINT") or DEFAULT_ENDPOINT


def _remote(settings: Settings, project: Project) -> Connection:
    environ = settings.environ
    endpoint = _endpoint(settings)
    iam = settings.iam_endpoint or environ.get("HUAWEICLOUD_SDK_IAM_ENDPOINT") or DEFAULT_IAM_ENDPOINT
    credentials = found.find(environ, project.account.env_prefix)
    client = Client(endpoint, iam, credentials)
    root = settings.folder / _backend(environ, project)
    state = _state(root, project, client.endpoint, credentials.identity)
    return Connection(client, state, client.endpoint, tuple(_forgetful(environ, state)))


def _backend(environ: Mapping[str, str], project: Project) -> str:
    named = environ.get("RTCCTL_STATE", "")
    if "://" in named:  # the manifest's own backend was checked with its place; the value may hold a password
        scheme = named.partition("://")[0]
        message = f"RTCCTL_STATE names a place that this version can't keep a state in: {scheme}://…"
        raise UsageError(message, mend="name a folder, such as .rtcctl/")
    return named or project.backend


def _forgetful(environ: Mapping[str, str], state: FolderState) -> Iterator[Diagnostic]:
    if environ.get("CI", "").lower() in ("true", "1"):
        yield Diagnostic(
            f"the state is a local file ({state.path}), which most CI runners forget",
            mend="keep the folder between runs; without the state job ids and the knowledge of what to prune are lost",
            severity="warning",
        )


def _embedded(settings: Settings, project: Project) -> Connection:
    import httpx

    from rtcctl.simulator import ACCOUNT, create_app

    data = settings.folder / settings.simulator_data
    root = _beside(data)
    if not data.exists():
        for left in root.glob("*/*.state.json*"):  # what it owned went with the data
            left.unlink()
    with opening(data):
        app = create_app(data)
    credentials = found.AkSkCredentials(
        ACCOUNT.access_key,
        Secret(ACCOUNT.secret_key, _SIMULATOR),
        ACCOUNT.project_id,
        source="the simulator's own account",
    )
    client = Client(_INSIDE, _INSIDE, credentials, transport=httpx.ASGITransport(app=app))
    state = _state(root, project, _SIMULATOR, credentials.identity)
    return Connection(client, state, "the embedded simulator")


def _beside(data: Path) -> Path:
    """Where the simulator's state is: a trial never touches the state of a real account, wherever that is kept."""
    return data.with_name(f"{data.name}.state")


def _state(root: Path, project: Project, endpoint: str, identity: Mapping[str, str]) -> FolderState:
    account: Account = project.account
    path = root / project.name / f"{account.name}.state.json"
    return FolderState(path, Binding(project.name, account.name, endpoint, identity))
