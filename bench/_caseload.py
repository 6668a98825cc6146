"""A county's years of cases, made by the database itself: many closed, a tenth of them open.

Of N cases the newest eighth is mostly open and the rest hardly ever, so that old open ones are
found as well. Units get unequal shares; most cases have a lead and two cooperating tasks, the
township of the place mostly among them; five steps, a report, a follower and a photo each.
"""

import asyncpg

N_TOWNSHIPS = 15
N_GRIDS = 40  # of each township
N_DEPARTMENTS = 65
N_STATIONS = 15  # of the first department, one in each township
N_RESIDENTS = 20_000
N_PHOTOS = 10_000
OPEN_SHARE = 0.1

_PEOPLE = f"""
INSERT INTO unit (id, code, name, short_names, kind, township_code, phone, active)
SELECT n, 'D' || n, '单位' || n, '[]', 'department', '', '', true
FROM generate_series(1, {N_DEPARTMENTS}) n;
INSERT INTO unit (id, code, name, short_names, kind, township_code, phone, active)
SELECT 100 + n, 'T' || n, '镇街' || n, '[]', 'township', lpad(n::text, 9, '0'), '', true
FROM generate_series(1, {N_TOWNSHIPS}) n;
INSERT INTO unit (id, code, name, short_names, kind, parent_id, township_code, phone, active)
SELECT 200 + n, 'S' || n, '站所' || n, '[]', 'station', 1, lpad(n::text, 9, '0'), '', true
FROM generate_series(1, {N_STATIONS}) n;
INSERT INTO account (id, name, username, unit_id, active, demo, created_at, password_hash)
SELECT 100000 + id, name, 'u' || id, id, true, false, now(), '-' FROM unit;
INSERT INTO account_grant (account_id, role, place_code)
SELECT 100000 + id, CASE kind WHEN 'township' THEN 'township' ELSE 'handler' END, ''
FROM unit;
INSERT INTO account (id, name, username, active, demo, created_at, password_hash)
SELECT 200000 + t * 1000 + g, '网格员', 'g' || t || '-' || g, true, false, now(), '-'
FROM generate_series(1, {N_TOWNSHIPS}) t, generate_series(1, {N_GRIDS}) g;
INSERT INTO account_grant (account_id, role, place_code)
SELECT 200000 + t * 1000 + g, 'grid_worker',
  lpad(t::text, 9, '0') || lpad(((g - 1) / 4)::text, 3, '0') || lpad(g::text, 3, '0')
FROM generate_series(1, {N_TOWNSHIPS}) t, generate_series(1, {N_GRIDS}) g;
INSERT INTO account (id, name, username, active, demo, created_at, password_hash)
SELECT n, '居民', 'r' || n, true, false, now(), '' FROM generate_series(1, {N_RESIDENTS}) n;
INSERT INTO account_grant (account_id, role, place_code)
SELECT n, 'resident', '' FROM generate_series(1, {N_RESIDENTS}) n;
INSERT INTO account (id, name, username, active, demo, created_at, password_hash)
SELECT 300000 + n, role, role, true, false, now(), ''
FROM unnest(ARRAY['acceptor', 'dispatcher', 'leader', 'auditor']) WITH ORDINALITY AS r(role, n);
INSERT INTO account_grant (account_id, role, place_code)
SELECT id, name, '' FROM account WHERE id > 300000;
"""

_PHOTOS = f"""
INSERT INTO photo (id, owner_id, sha256, n_bytes, media_type, flags, received_at, datum)
SELECT gen_random_uuid(), 1 + n % {N_RESIDENTS}, lpad(to_hex(n), 64, '0'), 1, 'image/jpeg', '[]',
  now(), ''
FROM generate_series(1, {N_PHOTOS}) n
"""

# What is drawn for each case: place, lead (some units lead far more than others), stage.
_DRAWN = f"""
CREATE UNLOGGED TABLE drawn AS
SELECT id, township, grid, lead, received, open,
  CASE WHEN open THEN (ARRAY['handling','handling','handling','handling','handling','handling',
      'dispatched','checking','checking','submitted','filed','suspended','disputed']
      )[1 + floor(random() * 13)::int]
    WHEN random() < 0.9 THEN 'archived'
    ELSE (ARRAY['closed','declined','merged','withdrawn'])[1 + floor(random() * 4)::int]
  END AS stage, 1 + floor(power(random(), 2) * 120)::int AS matter
FROM (
  SELECT id, 1 + floor(random() * {N_TOWNSHIPS})::int AS township,
    1 + floor(random() * {N_GRIDS})::int AS grid,
    CASE WHEN random() < 0.2 THEN NULL
      ELSE 1 + floor(power(random(), 2.5) * {N_DEPARTMENTS})::int END AS lead,
    now() - (1.0 - id::float / $1) * interval '1000 days' AS received,
    CASE WHEN id > $1 * 0.875 THEN random() < {OPEN_SHARE * 0.7 / 0.125}
      ELSE random() < {OPEN_SHARE * 0.3 / 0.875} END AS open
  FROM generate_series(1, $1::int) id) d
"""

_CASES = """
INSERT INTO case_file (id, no, stage, version, cycle, kind, title, lon, lat, generation_id,
  county_code, township_code, village_code, grid_code, place, matter_code, matter_name, off_list,
  explanation, suggestion, waits_for, lead_id, owner_role, stage_due_at, timers, wake_at,
  first_unit_id, urgency, "limit", due_at, due_why, received_at, filed_at, dispatched_at,
  closed_at, result, n_redo)
SELECT id, to_char(received, 'YYMMDD') || '-' || lpad(id::text, 8, '0'), stage, 5, 1,
  CASE WHEN id % 20 = 0 THEN 'enforcement' ELSE 'livelihood' END, '事项' || matter,
  117 + township / 100.0 + random() / 100,
  34 + grid / 400.0 + random() / 400, 1, '370404', lpad(township::text, 9, '0'),
  lpad(township::text, 9, '0') || lpad(((grid - 1) / 4)::text, 3, '0'),
  lpad(township::text, 9, '0') || lpad(((grid - 1) / 4)::text, 3, '0') || lpad(grid::text, 3, '0'),
  jsonb_build_object('text', '镇街' || township || '第' || grid || '网格', 'confirm', false,
    'township', '镇街' || township),
  'M-' || lpad(matter::text, 3, '0'), '事项' || matter, false,
  jsonb_build_object('rule', 'lead', 'platform', '综合执法', 'text', repeat('按照清单', 12)),
  '{}', '[]', coalesce(lead, 100 + township), CASE WHEN open THEN 'handler' ELSE '' END,
  CASE WHEN open THEN due END,
  CASE WHEN open THEN jsonb_build_array(jsonb_build_object('name', 'urge', 'at', due))
    ELSE '[]' END,
  CASE WHEN open THEN due END, coalesce(lead, 100 + township), 'work_day', 5, due,
  '5个工作日，自周一起，至周五', received, received, received,
  CASE WHEN NOT open THEN received + interval '4 days' END, '', 0
FROM (SELECT *, CASE WHEN open THEN now() + (random() - 0.2) * interval '10 days'
  ELSE received + interval '5 days' END AS due FROM drawn) d
"""

_TASKS = """
INSERT INTO case_task (case_id, unit_id, part, stage, duties, dispatched_at, due_at, wake_at,
  platform, arrival, result, step)
SELECT d.id, t.unit, t.part,
  CASE WHEN NOT d.open OR d.stage IN ('checking') THEN 'done'
    WHEN d.stage = 'dispatched' AND t.part = 'lead' THEN 'pending'
    WHEN t.part = 'cooperating' AND random() < 0.4 THEN 'done'
    WHEN random() < 0.2 THEN 'arrived' ELSE 'accepted' END,
  '做好本职工作', d.received, c.due_at, CASE WHEN d.stage = 'dispatched' THEN c.due_at END,
  CASE WHEN t.unit BETWEEN 101 AND 199 THEN (ARRAY['综治','市场监管','综合执法','便民服务'])
    [1 + floor(random() * 4)::int] ELSE '' END, '', '', ''
FROM drawn d JOIN case_file c ON c.id = d.id CROSS JOIN LATERAL (
  SELECT coalesce(d.lead, 100 + d.township) AS unit, 'lead' AS part
  UNION ALL SELECT 100 + d.township, 'cooperating' WHERE d.lead IS NOT NULL AND d.id % 10 < 7
  UNION ALL SELECT 1 + (d.lead + d.id % 7 + 1) % 65, 'cooperating' WHERE d.lead IS NOT NULL
  UNION ALL SELECT 200 + d.township, 'cooperating' WHERE d.id % 12 = 0) t
WHERE d.stage NOT IN ('submitted', 'filed', 'declined')
"""

_STEPS = """
INSERT INTO case_step (case_id, version, verb, source, target, by_id, by_role, unit_id, at,
  reason, note, facts)
SELECT d.id, n, (ARRAY['report','file','dispatch','accept','resolve'])[n],
  (ARRAY['','submitted','filed','dispatched','handling'])[n],
  (ARRAY['submitted','filed','dispatched','handling','handled'])[n], NULL, 'system', d.lead,
  d.received + n * interval '1 hour', '', '', '{"due": "3月4日 10:00"}'
FROM drawn d, generate_series(1, 5) n
"""

#: What people say often, the first most; beside it everybody says something of their own.
PHRASES = (
    *("垃圾没人清运", "路灯不亮", "噪音扰民", "违法建设", "占道经营", "污水冒溢", "道路破损"),
    *("井盖缺失", "烧烤油烟呛人", "供暖不热", "停水停电", "拖欠工资", "狗咬人", "电动车乱停"),
)
_RARE = "chr(19968 + floor(power(random(), {}) * 3000)::int)"
_OWN = " || ' ' || ".join([" || ".join(_RARE.format(power) for power in (2, 1, 2))] * 6)
_WORDS = f"""
INSERT INTO case_words (case_id, words)
SELECT c.id, '<' || digits || ' >' || reverse(digits) || ' #' || lead_id || ' ' || title || ' '
  || (place->>'text') || ' '
  || (ARRAY[{", ".join(f"'{each}'" for each in PHRASES)}])
     [1 + floor(power(random(), 2) * {len(PHRASES)})::int]
  || ' ' || {_OWN}
FROM case_file c, LATERAL (SELECT replace(no, '-', '') AS digits) AS number
"""

# Half of what is over was appraised, one in nine of that unsolved.
_APPRAISALS = """
INSERT INTO case_step (case_id, version, verb, source, target, by_id, by_role, unit_id, at,
  reason, note, facts)
SELECT id, 6, 'appraise', 'closed', 'closed', NULL, 'reporter', NULL,
  received + interval '5 days', '', '', jsonb_build_object('solved', id % 18 <> 0)
FROM drawn WHERE NOT open AND id % 2 = 0
"""

# A case in thirty was supervised, and on one in a thousand that is open units confer.
_TROUBLES = """
INSERT INTO case_step (case_id, version, verb, source, target, by_id, by_role, unit_id, at,
  reason, note, facts)
SELECT id, 7, 'supervise', stage, stage, NULL, 'leader', NULL, received + interval '5 days',
  '', '', '{}'
FROM drawn WHERE id % 30 = 0;
INSERT INTO conference (case_id, unit_ids, convened_at, due_at, minutes)
SELECT id, '[]', received, received, '' FROM drawn WHERE open AND id % 1000 = 1;
"""

_REST = f"""
INSERT INTO case_follower (case_id, account_id, since, reporter)
SELECT id, 1 + id % {N_RESIDENTS}, received, true FROM drawn;
INSERT INTO report (key, reporter_id, content_hash, case_id, kind, text, matter_code, anonymous,
  channel, datum, source, address, captured_at, received_at, evidence)
SELECT gen_random_uuid(), 1 + id % {N_RESIDENTS}, '', id, 'livelihood', '路灯不亮', '', true,
  CASE WHEN id % 50 = 0 THEN 'mailbox' WHEN id % 10 = 0 THEN 'patrol' ELSE 'wechat' END,
  'wgs84', 'device', '', received, received, '{{}}' FROM drawn;
INSERT INTO case_attachment (case_id, photo_id, purpose, step_version)
SELECT d.id, p.id, 'before', 1 FROM drawn d JOIN (
  SELECT id, row_number() OVER (ORDER BY id) AS n FROM photo) p ON p.n = 1 + d.id % {N_PHOTOS};
INSERT INTO case_check (case_id, cycle, assignee_id, given_at, due_at, passed_over, done_at, note)
SELECT id, 1, 200000 + township * 1000 + grid, received, received, '[]',
  CASE WHEN NOT open THEN received END, ''
FROM drawn WHERE NOT open OR stage = 'checking';
INSERT INTO case_return (case_id, task_id, unit_id, part, task_stage, ground, reason,
  proper_unit_id, by_id, at, due_at, upheld, ruling)
SELECT t.case_id, t.id, t.unit_id, t.part, 'pending', 'not_on_list', '', 1 + t.case_id % 65,
  1, now(), now(), false, '' FROM case_task t WHERE t.id % 100 = 0 AND t.part = 'lead';
"""


async def fill(url, n_cases):
    """Put so many cases into a migrated, empty database."""
    db = await asyncpg.connect(url, timeout=60)
    try:
        # Rows that are right by construction: keys between them need no checking.
        await db.execute("SET session_replication_role = replica")
        await db.execute("SET work_mem = '256MB'")
        await db.execute("SELECT setseed(0.42)")
        drawn = _DRAWN.replace("$1", str(n_cases))
        made = (
            _PEOPLE,
            _PHOTOS,
            drawn,
            _CASES,
            _TASKS,
            _STEPS,
            _APPRAISALS,
            _TROUBLES,
            _REST,
            _WORDS,
        )
        for statement in made:
            await db.execute(statement)
        await db.execute("DROP TABLE drawn")
        await db.execute("VACUUM ANALYZE")
    finally:
        await db.close()


async def size_of(url):
    """How many cases, how many of them open, steps, tasks, and bytes in all."""
    db = await asyncpg.connect(url)
    try:
        row = await db.fetchrow(
            "SELECT (SELECT count(*) FROM case_file) AS cases,"
            " (SELECT count(*) FROM case_file WHERE stage NOT IN"
            "  ('closed','archived','declined','merged','withdrawn')) AS open,"
            " (SELECT count(*) FROM case_step) AS steps,"
            " (SELECT count(*) FROM case_task) AS tasks,"
            " pg_database_size(current_database()) AS bytes"
        )
        return dict(row)
    finally:
        await db.close()
