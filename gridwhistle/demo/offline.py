"""The demo list's entries without any database, for trying the search out."""

from gridwhistle.demo.loading import demo_units
from gridwhistle.demo.spreadsheet import workbook
from server.people.units import Units, UnitView
from server.responsibility.list.entries import EntryView
from server.responsibility.list.list_types import MAIN, list_type
from server.responsibility.sheets.importing import Known, understand


def entries() -> tuple[list[EntryView], Units]:
    """Return the demo list as the importer understands it, and the units it names."""
    units = Units(
        UnitView(id=n, code=new.code, name=new.name, kind=new.kind, short_names=new.short_names)
        for n, new in enumerate(demo_units({}), start=1)
    )
    understood = understand(workbook(), "demo.xlsx", Known(units, (), list_type(MAIN)))
    found = [
        EntryView(
            id=n,
            version_id=0,
            matter_code=draft.code,
            row=draft.row,
            name=draft.texts["name"],
            domain=draft.texts["domain"],
            description=draft.texts["description"],
            kind=draft.kind,
            platform=draft.texts["platform"],
            responsibility=draft.responsibility,
            lead_id=draft.lead_id,
            lead_duties=draft.texts["lead_duties"],
            township_duties=draft.texts["township_duties"],
            legal_basis=draft.texts["legal_basis"],
            contact_name=draft.texts["contact_name"],
            contact_phone=draft.texts["contact_phone"],
            self_handle=draft.self_handle,
            receives=draft.receives,
            urgency=draft.urgency,
            limit=draft.limit,
            closing_condition=draft.texts["closing_condition"],
            words=draft.words,
        )
        for n, draft in enumerate(understood.drafts, start=1)
    ]
    return found, units
