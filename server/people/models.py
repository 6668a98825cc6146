"""Tables of the people slice."""

from tortoise import fields

from server.db import Table


class Unit(Table):
    """A department, township, station, utility or village (单位)."""

    id = fields.IntField(primary_key=True)
    code = fields.CharField(max_length=20, unique=True)
    name = fields.CharField(max_length=80, unique=True)
    short_names = fields.JSONField[list[str]](default=list)
    kind = fields.CharField(max_length=12)
    parent: fields.ForeignKeyNullableRelation["Unit"] = fields.ForeignKeyField(
        "models.Unit", null=True, on_delete=fields.RESTRICT, related_name="children"
    )
    parent_id: int | None
    township_code = fields.CharField(max_length=20, default="")
    phone = fields.CharField(max_length=40, default="")
    active = fields.BooleanField(default=True)
    successor: fields.ForeignKeyNullableRelation["Unit"] = fields.ForeignKeyField(
        "models.Unit", null=True, on_delete=fields.RESTRICT, related_name="predecessors"
    )
    successor_id: int | None

    class Meta:
        table = "unit"
        table_description = "单位"


class UnitChange(Table):
    """One renaming or merger of a unit, with the document that orders it; never changed."""

    id = fields.IntField(primary_key=True)
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", on_delete=fields.RESTRICT, db_index=True
    )
    unit_id: int
    kind = fields.CharField(max_length=8)
    was = fields.CharField(max_length=80)
    now = fields.CharField(max_length=80)
    document = fields.CharField(max_length=120)
    by_id = fields.IntField()
    at = fields.DatetimeField()
    proposed_by_id = fields.IntField(null=True)

    class Meta:
        table = "unit_change"
        table_description = "单位更名与合并"


class UnitPlan(Table):
    """A renaming or merger that one keeper proposes and another confirms; what moved with it.

    One that `undoes` another takes that one back, and goes the same way.
    """

    id = fields.IntField(primary_key=True)
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", on_delete=fields.RESTRICT, db_index=True
    )
    unit_id: int
    into: fields.ForeignKeyNullableRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", null=True, on_delete=fields.RESTRICT, related_name="mergers"
    )
    into_id: int | None
    name = fields.CharField(max_length=80, default="")
    was = fields.CharField(max_length=80)
    document = fields.CharField(max_length=120)
    stage = fields.CharField(max_length=10)
    by_id = fields.IntField()
    at = fields.DatetimeField()
    decided_by_id = fields.IntField(null=True)
    decided_at = fields.DatetimeField(null=True)
    moved = fields.JSONField[dict[str, list[int]]](default=dict)
    undoes: fields.ForeignKeyNullableRelation["UnitPlan"] = fields.ForeignKeyField(
        "models.UnitPlan", null=True, on_delete=fields.RESTRICT, related_name="undoings"
    )
    undoes_id: int | None

    class Meta:
        table = "unit_plan"
        table_description = "单位更名与合并方案"
        indexes = (("into_id",), ("undoes_id",))


class Account(Table):
    """One person's account."""

    id = fields.IntField(primary_key=True)
    username = fields.CharField(max_length=64, unique=True, null=True)
    name = fields.CharField(max_length=80)
    password_hash = fields.CharField(max_length=200, default="")
    unit: fields.ForeignKeyNullableRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    unit_id: int | None
    demo = fields.BooleanField(default=False)
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()
    #: Who stands in while this person is on leave; null for who is at work.
    substitute: fields.ForeignKeyNullableRelation["Account"] = fields.ForeignKeyField(
        "models.Account",
        null=True,
        on_delete=fields.RESTRICT,
        related_name="stands_in_for",
    )
    substitute_id: int | None

    class Meta:
        table = "account"
        table_description = "账号"


class Grant(Table):
    """A role given to an account; `place_code` is the township or grid it reaches, if any."""

    id = fields.IntField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account")
    account_id: int
    role = fields.CharField(max_length=16)
    place_code = fields.CharField(max_length=20, default="", db_index=True)

    class Meta:
        table = "account_grant"
        table_description = "授权"
        unique_together = (("account", "role", "place_code"),)


class Token(Table):
    """A credential, stored as the SHA-256 of what the client holds."""

    id = fields.BigIntField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", db_index=True
    )
    account_id: int
    hash = fields.CharField(max_length=64, unique=True)
    purpose = fields.CharField(max_length=8)
    face = fields.CharField(max_length=8)
    family = fields.UUIDField(db_index=True)
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "token"
        table_description = "凭证"


class Tap(Table):
    """What somebody asked for and was answered, for who asks again and who comes too late.

    `said` is a hash of all that was asked, `hash` of that and of the sign-in, `thing` of what it
    was done to, `area` the permission that it took; `answer` only the same sign-in opens. While it
    is being done `begun_at` is set; what was done last has the greatest id.
    """

    id = fields.BigIntField(primary_key=True)
    account_id = fields.IntField()
    hash = fields.CharField(max_length=64)
    said = fields.CharField(max_length=64)
    thing = fields.CharField(max_length=64, db_index=True)
    area = fields.CharField(max_length=40)
    role = fields.CharField(max_length=16)
    unit_id = fields.IntField(null=True)
    begun_at = fields.DatetimeField(null=True)
    done_at = fields.DatetimeField(null=True)
    status = fields.SmallIntField(default=0)
    answer = fields.BinaryField(default=b"")

    class Meta:
        table = "tap"
        table_description = "刚才做过的操作"
        unique_together = (("account_id", "hash"),)
        indexes = (("done_at",),)


class Throttle(Table):
    """Failed sign-ins by name, address or both; they fade with the time since `last_at`."""

    key = fields.CharField(max_length=80, primary_key=True)
    n_failures = fields.FloatField(default=0)
    last_at = fields.DatetimeField()
    blocked_until = fields.DatetimeField(null=True)

    class Meta:
        table = "sign_in_throttle"
        table_description = "登录限制"


class KnownAddress(Table):
    """From where a name signed in well, as a digest of both."""

    key = fields.CharField(max_length=80, primary_key=True)
    last_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "known_address"
        table_description = "常用登录地址"


class Shift(Table):
    """Who sits in a township's command room in one of the day's three shifts (坐堂).

    Either on one `day`, or on a `weekday` (0 is Monday) until further notice; a day's own entry
    goes before the weekday's.
    """

    id = fields.IntField(primary_key=True)
    township_code = fields.CharField(max_length=20)
    day = fields.DateField(null=True)
    weekday = fields.SmallIntField(null=True)
    shift = fields.CharField(max_length=12)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account")
    account_id: int

    class Meta:
        table = "roster_shift"
        table_description = "坐堂值班"
        indexes = (("account_id",), ("township_code", "day"))


class Leave(Table):
    """A time in which somebody is away and another stands in (请假, 代班人); kept when over."""

    id = fields.IntField(primary_key=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", on_delete=fields.RESTRICT, related_name="leaves"
    )
    account_id: int
    substitute: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", on_delete=fields.RESTRICT, related_name="leaves_stood_in"
    )
    substitute_id: int
    since = fields.DatetimeField()
    until = fields.DatetimeField()
    reason = fields.CharField(max_length=80, default="")
    by_id = fields.IntField(null=True)
    at = fields.DatetimeField()
    begun_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    ended_by_id = fields.IntField(null=True)

    class Meta:
        table = "account_leave"
        table_description = "请假与代班"
        indexes = (("account_id", "ended_at"), ("substitute_id", "ended_at"))


class TeamMember(Table):
    """A unit in a township's enforcement team: resident there, or coming when called (1+X+Y)."""

    id = fields.IntField(primary_key=True)
    township_code = fields.CharField(max_length=20)
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField("models.Unit")
    unit_id: int
    standing = fields.CharField(max_length=8)
    contact = fields.CharField(max_length=80, default="")
    phone = fields.CharField(max_length=40, default="")

    class Meta:
        table = "team_member"
        table_description = "镇街联合执法队伍"
        unique_together = (("township_code", "unit"),)
