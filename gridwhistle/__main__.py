"""The command `gridwhistle`."""

import click

from gridwhistle.cli import (
    accounts,
    basemap,
    calendar,
    lists,
    places,
    running,
    suggesting,
    touring,
    units,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gridwhistle")
def main() -> None:
    """Gridwhistle (网格哨): report, call, answer, appraise, by a published responsibility list."""


main.add_command(running.serve)
main.add_command(running.work)
main.add_command(running.migrate)
main.add_command(running.demo)
main.add_command(places.places)
main.add_command(basemap.basemap)
main.add_command(lists.lists, name="list")
main.add_command(units.units)
main.add_command(suggesting.suggest)
main.add_command(calendar.calendar)
main.add_command(accounts.account)
main.add_command(touring.tour)


if __name__ == "__main__":
    main()
