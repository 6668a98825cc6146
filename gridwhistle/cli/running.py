"""Running a server: serve, work, migrate, demo."""

import asyncio
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from gridwhistle.assembly import Front
from gridwhistle.demo import loading
from gridwhistle.demo.basemap import write_basemap
from gridwhistle.logs import configure
from gridwhistle.process import Duty, run, run_loop
from gridwhistle.services import postgres, serving_note
from gridwhistle.services.child import SHIM
from gridwhistle.services.refusal import ServiceRefusal
from gridwhistle.tour import first_cases
from gridwhistle.worker import AWAY
from server import db
from server.clock import now
from server.errors import NotReady
from server.settings import Settings
from server.texts.catalogue import has, text

_CHILD_GRACE_SECONDS: Final = 20
_ANY_ADDRESS: Final = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, never bound


@dataclass(frozen=True, slots=True)
class Ready:
    """Settings that reach a database, and whether the private one among them still runs."""

    settings: Settings
    alive: Callable[[], bool] = lambda: True


@contextmanager
def database(settings: Settings, *, embedded: bool) -> Iterator[Ready]:
    """Hold the database up: the one that `DATABASE_URL` names, else a private one."""
    if settings.database_url:
        yield Ready(settings)
        return
    if not embedded:
        raise click.ClickException(text("cli.no_database"))
    folder = settings.data_folder.resolve() / "postgres"
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        server = postgres.start(folder)
    except ServiceRefusal as refusal:
        raise click.ClickException(_refused(refusal)) from refusal
    if server.elsewhere:
        click.echo(text("cli.elsewhere", folder=server.folder))
    try:
        reached = settings.model_copy(update={"database_url": server.url})
        yield Ready(reached, server.alive)
    finally:
        server.stop()


def _refused(refusal: ServiceRefusal) -> str:
    """Return why a service did not start, in the words of whoever runs it."""
    key = f"service.{refusal.code}"
    return text(key, **refusal.facts) if has(key) else refusal.sentence


def running_settings() -> Settings:
    """Return settings that reach the installation's database, private and running or external."""
    settings = Settings.read()
    if settings.database_url:
        return settings
    url = postgres.running_url(settings.data_folder.resolve() / "postgres")
    if url is None:
        raise click.ClickException(text("cli.not_running"))
    return settings.model_copy(update={"database_url": url})


@click.command()
@click.option("--demo", is_flag=True, help="Load the demo county once; allow the demo sign-in.")
@click.option("--embedded", is_flag=True, help="Start a private PostgreSQL below the data folder.")
@click.option(
    "--role",
    "front",
    type=click.Choice(["all", "phones", "staff"]),
    default="all",
    show_default=True,
    help="Which front to serve.",
)
@click.option("--workers", default=1, show_default=True, help="Server processes (needs Redis).")
@click.option("--no-work", is_flag=True, help="Leave the outbox to `gridwhistle work`.")
@click.option("--with-cases", is_flag=True, help="Report and handle some cases in an empty demo.")
@click.option("--shared-port", is_flag=True, hidden=True)
def serve(
    demo: bool,
    embedded: bool,
    front: Front,
    workers: int,
    no_work: bool,
    with_cases: bool,
    shared_port: bool,
) -> None:
    """Serve phones and staff, and do the background work, until Ctrl-C or SIGTERM."""
    settings = Settings.read().model_copy(update={"demo": demo or Settings.read().demo})
    if settings.demo and not settings.demo_key:
        key = loading.demo_key(settings.data_folder)
        settings = settings.model_copy(update={"demo_key": key})
    configure(settings)
    if (workers > 1 or shared_port) and not settings.redis_url:
        raise click.ClickException(text("cli.redis_needed"))
    if with_cases and (workers > 1 or front != "all" or not settings.demo):
        raise click.ClickException(text("cli.cases_need_demo"))
    with (
        database(settings, embedded=embedded) as ready,
        serving_note.noting(settings.data_folder) as note,
    ):
        if not shared_port:
            _prepare(ready.settings)
        if workers > 1:
            note(own_url(ready.settings))
            _several(ready.settings, front, workers, works=not no_work)
            return
        duty = Duty(front=front, works=not no_work, shares_port=shared_port)

        def announce() -> None:
            note(own_url(ready.settings))
            if not with_cases:
                _announce(ready.settings, quiet=shared_port)

        async def cases() -> None:
            accounts = {one.username: one for one in loading.sign_ins(settings.data_folder)}
            await first_cases.plant(own_url(settings), accounts, settings.zone, click.echo)
            _announce(ready.settings, quiet=False)

        beside = cases if with_cases else None
        main = run(ready.settings, duty, announce=announce, alive=ready.alive, beside=beside)
        _until_stopped(main, ready.settings.port)


@click.command()
def work() -> None:
    """Deliver what the outbox owes and do the periodic jobs, without serving anybody."""
    settings = running_settings()
    configure(settings)
    _until_stopped(run(settings, Duty(front=None)), settings.port)


@click.command()
@click.option("--embedded", is_flag=True, help="Start a private PostgreSQL for it.")
def migrate(embedded: bool) -> None:
    """Bring the database's schema up to date."""
    with database(Settings.read(), embedded=embedded) as ready:
        asyncio.run(db.migrate(ready.settings.database_url))
        click.echo(text("cli.migrated"))


@click.command()
def demo() -> None:
    """Load the demo county into the running installation's empty database."""
    _prepare(running_settings().model_copy(update={"demo": True}))


def own_url(settings: Settings) -> str:
    """Return where a program on this machine reaches the server of these settings."""
    host = "127.0.0.1" if settings.host in _ANY_ADDRESS else settings.host
    return f"http://{host}:{settings.port}"


def _until_stopped(main: Coroutine[Any, Any, None], port: int) -> None:
    """Run a process to its end, and say in a sentence why it ended if it had to."""
    ended: list[BaseExceptionGroup[BaseException]] = []
    try:
        run_loop(main)
    except* (NotReady, *AWAY) as errors:
        ended.append(errors)  # raised in here it would be one of a group before Python 3.11.4
    for why in ended:
        raise click.ClickException(why_stopped(why, port)) from why


def why_stopped(errors: BaseExceptionGroup[BaseException], port: int) -> str:
    """Return why a process ended; a database that is away breaks whatever just asks it too."""
    every = list(_leaves(errors))
    for refusal in every:
        if isinstance(refusal, NotReady):
            settings = refusal.facts.get("settings")
            key = "cli.not_durable" if settings else "cli.database_ended"
            return text(key, settings=settings)
    taken = any(isinstance(e, OSError) and e.errno == errno.EADDRINUSE for e in every)
    return text("cli.port_taken" if taken else "cli.stopped", reason=every[0], port=port)


def _leaves(errors: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for each in errors.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _leaves(each)
        else:
            yield each


def _prepare(settings: Settings) -> None:
    """Migrate, and load the demo county the first time."""
    try:
        asyncio.run(_prepared(settings))
    except OSError as error:
        raise click.ClickException(text("cli.database_away", reason=error)) from error


async def _prepared(settings: Settings) -> None:
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    await db.migrate(settings.database_url)
    if not settings.demo:
        return
    async with db.opened(settings.database_url):
        if await loading.is_empty():
            await loading.load(settings.data_folder, at=now(), progress=_say_part)
    if not settings.basemap and not settings.basemap_file.exists():
        _say_part("basemap")
        write_basemap(settings.basemap_file)


def _say_part(part: str) -> None:
    click.echo(text("cli.loading", part=text(f"cli.part_{part}")))


def _announce(settings: Settings, *, quiet: bool) -> None:
    if quiet:
        return
    url = f"http://{settings.host}:{settings.port}"
    click.echo(text("cli.serving", url=url))
    click.echo(text("cli.desk", url=url))
    if not settings.demo:
        return
    shown = [one for one in loading.sign_ins(settings.data_folder) if one.shown]
    door = f"{own_url(settings)}/#/sign-in?demo={settings.demo_key}"
    click.echo(text("cli.demo_door", url=door))
    if shown:
        click.echo(text("cli.sign_ins"))
    for one in shown:
        role = text(f"role.{one.role}")
        click.echo(f"  {role}\t{one.username}\t{one.password}\t{one.name} {one.unit}".rstrip())
    click.echo(text("cli.tour"))


def _several(settings: Settings, front: Front, n_processes: int, *, works: bool) -> None:
    """Run that many server processes on one port, and put up again any that dies."""
    environment = _environment(settings)
    command = [sys.executable, "-m", "gridwhistle", "serve", "--shared-port", "--role", front]
    command += [] if works else ["--no-work"]
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: stopping.append(number))
    children = [_child(command, environment) for _ in range(n_processes)]
    _announce(settings, quiet=False)
    while not stopping:
        signal.sigtimedwait([], 0.2)
        children = [
            each if each.poll() is None else _child(command, environment) for each in children
        ]
    for each in children:
        each.terminate()
    for each in children:
        try:
            each.wait(_CHILD_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            each.kill()
            each.wait()


def _child(command: list[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Start a server process that ends with this one, even when this one is killed."""
    who = [str(os.getuid()), str(os.getgid()), str(os.getpid()), str(int(signal.SIGTERM))]
    shim = [sys.executable, "-I", "-S", str(SHIM), *who]
    return subprocess.Popen([*shim, *command], env=environment, start_new_session=True)


def _environment(settings: Settings) -> dict[str, str]:
    return dict(os.environ) | {  # noqa: TID251 - handed on to children, not read
        "DATABASE_URL": settings.database_url,
        "GRIDWHISTLE_DEMO": str(settings.demo).lower(),
        "GRIDWHISTLE_DEMO_KEY": settings.demo_key,
        "GRIDWHISTLE_DATA_FOLDER": str(Path(settings.data_folder).resolve()),
    }
