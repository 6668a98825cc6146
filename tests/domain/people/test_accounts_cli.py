"""Accounts from the command line, on a database: made, changed, closed, opened again."""

import asyncio

import pytest
from click.testing import CliRunner, Result

from gridwhistle.__main__ import main
from server import db
from tests.casework import rows_of


@pytest.fixture
def run(county_url, monkeypatch, tmp_path):
    """Runs `gridwhistle account …` on a database of this test alone."""
    monkeypatch.setenv("DATABASE_URL", county_url)
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.chdir(tmp_path)

    def words(*given: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, ["account", *given])
        assert result.exit_code == code, result.output
        return result

    return words


@pytest.fixture
def held(county_url):
    """What the database holds of an account: open, its unit, its roles; its password's hash."""

    async def look(username: str):
        async with db.opened(county_url, n_connections=1):
            [row] = await rows_of(
                "SELECT a.active, u.code, a.password_hash, ARRAY(SELECT concat_ws(':', role,"
                " nullif(place_code, '')) FROM account_grant WHERE account_id = a.id ORDER BY 1)"
                " AS roles FROM account a LEFT JOIN unit u ON u.id = a.unit_id"
                " WHERE a.username = $1",
                username,
            )
            return dict(row)

    return lambda username: asyncio.run(look(username))


@pytest.mark.slow
def test_an_account_is_made_changed_closed_and_opened_again(run, held):
    made = run("create", "chen", "--name", "陈立", "--role", "handler", "--unit", "D05").output
    assert len(made.strip()) == 12
    first = held("chen")
    assert (first["active"], first["code"], first["roles"]) == (True, "D05", ["handler"])
    assert first["password_hash"].startswith("$argon2id$")
    other = run("password", "chen").output
    assert other != made
    assert held("chen")["password_hash"] != first["password_hash"]
    changed = (
        "change",
        "chen",
        "--role",
        "unit_head",
        "--role",
        "grid_worker:G1",
        "--unit",
        "D06",
    )
    assert run(*changed).output.strip() == "没有待转交的核查和核实"
    now = held("chen")
    assert (now["code"], now["roles"]) == ("D06", ["grid_worker:G1", "unit_head"])
    run("change", "chen", "--unit", "", "--role", "auditor")
    assert held("chen")["code"] is None
    assert run("disable", "chen").output.strip() == "没有待转交的核查和核实"
    assert held("chen")["active"] is False
    run("enable", "chen")
    assert held("chen")["active"] is True


def test_closing_the_last_of_a_unit_says_that_nobody_is_left(run):
    run("disable", "head_D05")
    assert "没有能登录的承办人员" in run("disable", "handler_D05").output


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("create", "x1", "--name", "陈", "--role", "handler", "--unit", "无此局"), "无此局"),
        (("create", "admin1", "--name", "陈", "--role", "admin"), "admin1"),
        (("create", "x2", "--name", "陈", "--role", "grid_worker"), "Error: "),
        (("create", "x4", "--name", "陈", "--role", "handler"), "Error: "),
        (("change", "handler_D05", "--unit", ""), "Error: "),
        (("create", "x3", "--name", "陈", "--role", "mayor"), "mayor"),
        (("change", "nobody", "--role", "admin"), "nobody"),
        (("change", "admin1", "--role", "mayor"), "mayor"),
        (("password", "nobody"), "nobody"),
        (("disable", "nobody"), "nobody"),
        (("enable", "nobody"), "nobody"),
    ],
)
def test_what_is_not_there_is_named_and_nothing_is_changed(run, given, said):
    result = CliRunner().invoke(main, ["account", *given])
    assert result.exit_code in (1, 2)
    assert said in result.output
    assert "Traceback" not in result.output
