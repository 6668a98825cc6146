"""The demo list's entries without any database, for trying the search out."""

from gridwhistle.demo.loading import demo_units
from gridwhistle.demo.spreadsheet import workbook
from server.people.units import Units, UnitView
from server.responsibility.list.fields import EntryView
from server.responsibility.list.list_types import MAIN, list_type
from server.responsibility.sheets.importing import understand
from server.responsibility.sheets.report import Known


def entries() -> tuple[list[EntryView], Units]:
    """Return the demo list as the importer understands it, and the units it names."""
    units = Units(
        UnitView(id=n, code=new.code, name=new.name, kind=new.kind, short_names=new.short_names)
        for n, new in enumerate(demo_units({}), start=1)
    )
    understood = understand(workbook(), "demo.xlsx", Known(units, (), list_type(MAIN)))
    found = [draft.entry(n, version_id=0) for n, draft in enumerate(understood.drafts, start=1)]
    return found, units
