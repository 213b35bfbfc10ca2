"""Where a run goes: the service over the network, or the simulator inside this process, and the state that fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from rtcctl.api import credentials as found
from rtcctl.api.client import Client
from rtcctl.api.endpoints import DEFAULT_ENDPOINT, DEFAULT_IAM_ENDPOINT, normalize
from rtcctl.api.throttle import Throttle
from rtcctl.errors import CredentialsError, Diagnostic, UsageError
from rtcctl.model.happening import UNWATCHED, Note, Watcher
from rtcctl.model.ledger import Binding
from rtcctl.model.resource import Account, Project
from rtcctl.model.values import Secret
from rtcctl.operations.settings import Settings
from rtcctl.state import places
from rtcctl.state.folder import FolderState
from rtcctl.state.store import Store
from rtcctl.state.watched import Watched

if TYPE_CHECKING:
    from starlette.applications import Starlette

_INSIDE = "http://127.0.0.1"
_SIMULATOR = "simulator"
_ENDPOINT, _IAM_ENDPOINT = "RTCCTL_ENDPOINT", "HUAWEICLOUD_SDK_IAM_ENDPOINT"


class Connection(Struct, frozen=True):
    """A client that has not called anything yet, the state that goes with it, and words for the place."""

    client: Client
    state: Store
    target: str
    warnings: tuple[Diagnostic, ...] = ()


def connect(settings: Settings, project: Project, simulator: Starlette | None = None) -> Connection:
    """Find credentials and endpoints of one account, and the state that belongs to them. Nothing is called.

    Several accounts of the embedded simulator share a `simulator`.

    Raises:
        CredentialsError: no usable credentials.
        UsageError: an endpoint is not acceptable, or RTCCTL_STATE names no place for a state.
    """
    found = _embedded(settings, project, simulator) if settings.simulator else _remote(settings, project)
    return replace(found, state=_watched(found.state, settings.watcher))


def state_of(settings: Settings, project: Project) -> Store:
    """Find the state alone: no credentials are needed, so that it is not compared whose they are.

    Raises:
        UsageError: an endpoint is not acceptable, or RTCCTL_STATE names no place for a state.
    """
    if settings.simulator:
        data = settings.folder / settings.simulator_data
        return _watched(_simulated_state(data, project, {}), settings.watcher)
    binding = Binding(project.name, project.account.name, normalize(_first(endpoints(settings, project.account))), {})
    store = _store(settings.environ.get("RTCCTL_STATE") or project.backend, settings, binding)
    return _watched(store, settings.watcher)


def _watched(store: Store, watcher: Watcher) -> Store:
    return store if watcher is UNWATCHED else Watched(store, watcher)


def endpoints(settings: Settings, account: Account) -> tuple[tuple[str, str], ...]:
    """Return who may say where an account is, and what each says, empty where it says nothing; the first one holds."""
    own = f"{account.env_prefix}_{_ENDPOINT}" if account.env_prefix else ""
    return (
        ("--endpoint", settings.endpoint or ""),
        (own, settings.environ.get(own, "") if own else ""),
        (_ENDPOINT, settings.environ.get(_ENDPOINT, "")),
        ("the manifest", account.endpoint),
        ("the default", DEFAULT_ENDPOINT),
    )


def iam_endpoints(settings: Settings, account: Account) -> tuple[tuple[str, str], ...]:
    """Return the same of the place that issues its tokens."""
    own = f"{account.env_prefix}_{_IAM_ENDPOINT}" if account.env_prefix else ""
    return (
        ("--iam-endpoint", settings.iam_endpoint or ""),
        (own, settings.environ.get(own, "") if own else ""),
        (_IAM_ENDPOINT, settings.environ.get(_IAM_ENDPOINT, "")),
        ("the default", DEFAULT_IAM_ENDPOINT),
    )


def _first(said: tuple[tuple[str, str], ...]) -> str:
    return next(url for _, url in said if url)


def _remote(settings: Settings, project: Project) -> Connection:
    environ = settings.environ
    account = project.account
    endpoint, iam = _first(endpoints(settings, account)), _first(iam_endpoints(settings, account))
    credentials = credentials_of(environ, account.env_prefix)
    settings.watcher.see(Note(f"credentials: {credentials.describe()}", detail=True))
    client = Client(endpoint, iam, credentials, watcher=settings.watcher)
    binding = Binding(project.name, account.name, client.endpoint, credentials.identity)
    state = _store(environ.get("RTCCTL_STATE") or project.backend, settings, binding)
    return Connection(client, state, client.endpoint, tuple(_forgetful(environ, state)))


def credentials_of(environ: Mapping[str, str], prefix: str) -> found.Credentials:
    """Find credentials; whoever has none at all may want to try without an account first.

    Raises:
        CredentialsError: there are none, or none that can be used.
    """
    try:
        return found.find(environ, prefix)
    except CredentialsError as error:
        if not error.message.startswith(found.NONE):
            raise
        raise CredentialsError(error.message, mend=f"{error.mend}; or try it without an account: --simulator") from None


def _store(backend: str, settings: Settings, binding: Binding) -> Store:
    environ = settings.environ
    names = ("RTCCTL_S3_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    given = next((environ[name] for name in names if environ.get(name)), "")
    endpoint = normalize(given, "endpoint of the state's object store") if given else ""
    return places.find(backend, settings.folder, binding, environ, endpoint=endpoint)


def _forgetful(environ: Mapping[str, str], state: Store) -> Iterator[Diagnostic]:
    if state.is_local and environ.get("CI", "").lower() in ("true", "1"):
        yield Diagnostic(
            f"the state is a local file ({state.place}), which most CI runners forget",
            mend="keep the folder between runs, or the state at s3:// or postgresql://;"
            " without it job ids and the knowledge of what to prune are lost",
            severity="warning",
        )


def embedded(settings: Settings, project: Project) -> Starlette:
    """Return the simulator of this process, with all accounts of the manifest; what owned data that are gone goes too.

    Raises:
        UsageError: its data are not usable.
    """
    from rtcctl.operations.simulating import inside, simulated

    data = settings.folder / settings.simulator_data
    if not data.exists():
        for left in places.beside(data).glob("*/*.state.*"):
            left.unlink()
    names = [simulated(each.name).name for each in project.accounts]
    if len({*names}) < len(names):
        message = f"the accounts {Account().name} and {_SIMULATOR} are one in the embedded simulator"
        raise UsageError(message, mend="give one another name, or plan one of them with --account")
    return inside(data, *names)


def _embedded(settings: Settings, project: Project, simulator: Starlette | None) -> Connection:
    import httpx

    from rtcctl.operations.simulating import simulated

    app = simulator if simulator is not None else embedded(settings, project)
    data, own = settings.folder / settings.simulator_data, simulated(project.account.name)
    secret = Secret(own.secret_key, _SIMULATOR)
    source = "the simulator's own account"
    credentials = found.AkSkCredentials(own.access_key, secret, own.project_id, source=source)
    no_limits = Throttle({})  # nobody counts inside this process
    settings.watcher.see(Note(f"credentials: {credentials.describe()}", detail=True))
    transport = httpx.ASGITransport(app=app)
    client = Client(_INSIDE, _INSIDE, credentials, transport=transport, throttle=no_limits, watcher=settings.watcher)
    return Connection(client, _simulated_state(data, project, credentials.identity), "the embedded simulator")


def _simulated_state(data: Path, project: Project, identity: Mapping[str, str]) -> FolderState:
    path = places.in_folder(places.beside(data), project.name, project.account.name)
    return FolderState(path, Binding(project.name, project.account.name, _SIMULATOR, identity))
