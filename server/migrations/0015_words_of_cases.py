import re
import unicodedata
from typing import Any

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

# Every two characters that stand together and the last of each run; what begins with a mark, whole.
LEXEMES = """
CREATE FUNCTION lexemes_of(words text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $lexemes$
SELECT array_to_tsvector(coalesce(array_agg(DISTINCT lexeme), '{}'))
FROM unnest(string_to_array(words, ' ')) AS run, LATERAL (
  SELECT run AS lexeme WHERE left(run, 1) IN ('#', '<', '>')
  UNION ALL
  SELECT letter || coalesce(lead(letter) OVER (ORDER BY place), '')
  FROM unnest(string_to_array(run, NULL)) WITH ORDINALITY AS letters(letter, place)
  WHERE left(run, 1) NOT IN ('#', '<', '>')) AS found
$lexemes$
"""
KEY = (
    "ALTER TABLE case_words ADD CONSTRAINT case_words_case"
    " FOREIGN KEY (case_id) REFERENCES case_file (id) ON DELETE CASCADE"
)
COLUMN = (
    "ALTER TABLE case_words ADD COLUMN lexemes tsvector"
    " GENERATED ALWAYS AS (lexemes_of(words)) STORED"
)
INDICES = [
    "CREATE INDEX case_words_lexemes ON case_words USING gin (lexemes)",
    "CREATE INDEX case_file_village ON case_file (village_code, id)",
    "CREATE INDEX case_file_matter ON case_file (matter_code, id)",
]
NO_INDICES = [
    "DROP INDEX case_words_lexemes",
    "DROP INDEX case_file_village",
    "DROP INDEX case_file_matter",
]

BATCH = 2_000
# A case that others were merged into is found by their words too, as far as they go on there.
SAID = """
WITH RECURSIVE batch AS (
  SELECT id FROM case_file WHERE id > $1 ORDER BY id LIMIT $2
), kin AS (
  SELECT id AS case_id, id, 0 AS depth FROM batch
  UNION ALL
  SELECT k.case_id, c.id, k.depth + 1 FROM case_file c JOIN kin k ON c.merged_into_id = k.id
  WHERE k.depth < 20
)
SELECT f.id, f.no, f.title, f.matter_name, f.result, f.lead_id,
  concat_ws(' ', f.place->>'township', f.place->>'village', f.place->>'grid', f.place->>'text')
    AS places,
  ARRAY(SELECT concat_ws(' ', address, text) FROM report
        WHERE case_id IN (SELECT id FROM kin WHERE kin.case_id = f.id) ORDER BY id LIMIT 100)
  || ARRAY(SELECT place_text FROM case_call WHERE case_id = f.id LIMIT 100)
  || ARRAY(SELECT note FROM case_step WHERE case_id = f.id AND verb = 'call' LIMIT 100) AS said,
  ARRAY(SELECT a.name FROM report r
        JOIN account a ON a.id IN (r.reporter_id, r.on_behalf_of_id)
        WHERE r.case_id IN (SELECT id FROM kin WHERE kin.case_id = f.id) LIMIT 200) AS senders,
  ARRAY(SELECT unit_id FROM case_task WHERE case_id = f.id LIMIT 200) AS units
FROM case_file f JOIN batch USING (id) ORDER BY f.id
"""
WRITE = "INSERT INTO case_words (case_id, words) SELECT * FROM unnest($1::bigint[], $2::text[])"

RUN = re.compile(r"[^\W_]+")
# More than anybody's: whatever may be a number, a mail or a name in a chat is left out of the words
# of old cases; the next act on a case writes them as the door does.
PERSONAL = re.compile(r"[\w.%+-]+@[\w.-]+|[a-z0-9_-]{5,}|(?:[\d〇零一二三四五六七八九幺两][\W_]{0,3}){7,}")


def _runs(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return RUN.findall(unicodedata.normalize("NFKC", folded))


def _unnamed(text: str, names: list[str]) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    for name in names:
        known = unicodedata.normalize("NFKC", name).casefold().strip()
        if len(known) > 1:
            folded = folded.replace(known, " ")
    return PERSONAL.sub(" ", folded)


def _words(row: dict[str, Any]) -> str:
    digits = "".join(_runs(row["no"]))
    units = {row["lead_id"], *row["units"]} - {None}
    marks = [f"<{digits}", f">{digits[::-1]}", *(f"#{unit}" for unit in sorted(units))]
    said = (_unnamed(each, row["senders"]) for each in (row["result"], *row["said"]))
    texts = (row["title"], row["matter_name"], row["places"], *said)
    return " ".join([*marks, *dict.fromkeys(run for text in texts for run in _runs(text))])[:50_000]


async def fill(_apps: object, editor: Any) -> None:
    """Write the words of every case that is there, as the door does from now on."""
    last = 0
    while rows := await editor.client.execute_query_dict(SAID, [last, BATCH]):
        last = rows[-1]["id"]
        await editor.client.execute_query(
            WRITE, [[row["id"] for row in rows], [_words(row) for row in rows]]
        )


async def leave(_apps: object, _editor: object) -> None:
    """Leave the words to their table, which goes."""


class Migration(migrations.Migration):
    dependencies = [("models", "0014_long_names")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CaseWords",
            fields=[
                (
                    "case_id",
                    fields.BigIntField(
                        generated=False, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("words", fields.TextField(unique=False)),
            ],
            options={
                "table": "case_words",
                "app": "models",
                "pk_attr": "case_id",
                "table_description": "案件检索词",
            },
            bases=["Model"],
        ),
        ops.RunSQL([LEXEMES, COLUMN, KEY], reverse_sql=["DROP FUNCTION lexemes_of CASCADE", "ALTER TABLE case_words DROP CONSTRAINT case_words_case"]),
        ops.RunPython(fill, reverse_code=leave),
        ops.RunSQL(INDICES, reverse_sql=NO_INDICES),
    ]
