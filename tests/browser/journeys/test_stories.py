"""The eight stories, from what somebody saw to the last word on it."""

import pytest

from tests.browser.journeys.playing import played

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]


async def test_a_workshops_without_papers_are_closed_by_six_units_together(town):
    await played(town, "A")


async def test_b_a_hole_in_a_bearing_wall_is_shut_within_a_day(town):
    await played(town, "B")


async def test_c_a_township_calls_three_units_to_a_barbecue_without_licence(town):
    await played(town, "C")


async def test_d_the_list_says_who_leads_where_dogs_run_free(town):
    await played(town, "D")


async def test_e_illegal_books_are_seized_within_minutes(town):
    await played(town, "E")


async def test_f_an_old_house_is_seen_to_step_by_step_each_by_its_unit(town):
    await played(town, "F")


async def test_g_a_township_reports_poachers_and_the_lead_catches_them(town):
    await played(town, "G")


async def test_h_a_blocked_market_gate_is_free_within_the_hour(town):
    await played(town, "H")
