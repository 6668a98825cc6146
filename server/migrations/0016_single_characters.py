from tortoise import migrations
from tortoise.migrations import operations as ops

# An entry is found by one character too: by each of those that it was found by in twos, and by the
# words and tags that are no longer than one.
FORWARD = """
UPDATE list_entry SET found_by = found_by || ARRAY(
  SELECT DISTINCT letter FROM unnest(found_by || ARRAY(
    SELECT lower(said) FROM jsonb_array_elements_text(words || tags) AS said WHERE length(said) = 1
  )) AS gram, unnest(string_to_array(gram, NULL)) AS letter
)
"""
BACKWARD = """
UPDATE list_entry SET found_by =
  ARRAY(SELECT gram FROM unnest(found_by) AS gram WHERE length(gram) > 1)
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0015_words_of_cases")]

    initial = False

    operations = [ops.RunSQL([FORWARD], reverse_sql=[BACKWARD])]
