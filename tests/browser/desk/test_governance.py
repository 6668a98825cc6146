"""Lists changed at desks: asked for, amended, reviewed, approved, drafted; and burdens."""

import pytest
from playwright.async_api import expect

from server.clock import now
from server.governance import deciding
from server.governance.models.proposal import Opinion, Proposal
from tests.casework import STREET_LAMP, Casework

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]


async def send(page, name: str):
    """Send the form of an act that is open."""
    await page.get_by_role("form", name=name).get_by_role("button", name="提交").click()


async def opined(county, proposal: Proposal, *, but: str):
    """Everybody who was asked agrees, but one unit that has not answered."""
    work = Casework(county)
    for each in await Opinion.filter(proposal_id=proposal.id, round=proposal.round, stance=""):
        unit = county.basis.units.by_id[each.unit_id]
        if unit.code == but:
            continue
        who = f"township{unit.code[1:]}" if unit.kind == "township" else f"head_{unit.code}"
        by = await work.actor(who)
        known = {"by": by, "at": now(), "basis": work.basis}
        await deciding.opine(proposal.id, "", agrees=True, **known)


async def reviewed_and_approved(desk):
    """Both offices pass what waits for them, and a leader approves it, each at a desk."""
    for name in ("keeper1", "keeper2"):
        keeper = await desk()
        page = await keeper.sign_in(name)
        await page.get_by_role("link", name="审核通过").click()
        form = page.get_by_role("form", name="审核通过")
        await form.get_by_label("审核意见").fill("权责一致。")
        await send(page, "审核通过")
        await expect(page.get_by_text("已审核。")).to_be_visible()
    leader = await desk()
    page = await leader.sign_in("leader1")
    await page.get_by_role("link", name="批准").click()
    await page.get_by_role("form", name="批准").wait_for()
    await leader.pictures(page, "governance-approve")
    await send(page, "批准")
    await expect(page.get_by_text("已批准，将随清单的下一个版本公布。")).to_be_visible()


async def test_a_change_goes_from_the_proposal_to_the_draft_by_screens_alone(county, desk):
    head, township = await desk(), await desk()
    page = await head.sign_in("head_D02", f"/governance/propose?matter={STREET_LAMP}")
    form = page.get_by_role("form", name="提出变更")
    await form.get_by_label("再改一栏").select_option("办理时限")
    await form.get_by_role("spinbutton", name="办理时限").fill("9")
    await form.get_by_label("再改一栏").select_option("镇街职责")
    await form.get_by_role("textbox", name="镇街职责").fill("发现后报修，并设置警示。")
    await form.get_by_label("理由").fill("备件要从市里调。")
    await head.pictures(page, "governance-propose")
    await page.reload()
    await expect(page.get_by_text("已恢复上次没有提交的内容")).to_be_visible()
    await form.get_by_role("button", name="提出").click()
    await expect(page.get_by_role("heading", name="经过")).to_be_visible()
    proposal = await Proposal.all().order_by("-id").first()
    assert proposal is not None
    assert proposal.change["limit"] == 9
    await opined(county, proposal, but="T02")

    room = await township.sign_in("township02")
    await room.get_by_role("link", name="提出书面意见").click()
    act = room.get_by_role("form", name="提出书面意见")
    await expect(room.get_by_text("替 荣华街道 提意见")).to_be_visible()
    await act.get_by_label("否", exact=True).check()
    await act.get_by_label("意见").fill("没有人手设置警示。")
    await township.pictures(room, "governance-opine")
    await send(room, "提出书面意见")
    await expect(room.get_by_text("已提出意见。")).to_be_visible()
    await expect(room.get_by_role("form")).to_have_count(0)

    await page.get_by_role("button", name="修改后重新征求意见").click()
    form = page.get_by_role("form", name="提出变更")
    await form.get_by_role("button", name="不改镇街职责").click()
    await form.get_by_label("改了什么").fill("不再要求镇街设置警示。")
    await head.pictures(page, "governance-amend")
    await form.get_by_role("button", name="提交修改").click()
    await expect(page.get_by_text("各单位意见（第 2 轮）")).to_be_visible()
    await opined(county, await Proposal.get(id=proposal.id), but="")

    await reviewed_and_approved(desk)
    keeper = await desk()
    page = await keeper.sign_in("keeper1")
    await page.get_by_role("button", name="消息").click()
    await page.get_by_role("button", name="已批准").first.click()
    form = page.get_by_role("form", name="起草清单的下一个版本")
    await form.get_by_label("新版本叫什么").fill("二〇二七版")
    await form.get_by_role("button", name="起草").click()
    await expect(page.get_by_role("heading", name="与现行版本的差异")).to_be_visible()
    await page.get_by_text("看这一版的全部事项").click()
    await page.get_by_label("在这一版里找").fill(STREET_LAMP)
    await expect(page.get_by_role("row", name=STREET_LAMP)).to_contain_text("9 天")
    await keeper.pictures(page, "lists-version-entries")
    await keeper.sure(page)


async def test_a_burden_is_objected_to_answered_and_ruled_on(county, desk):
    township, head, keeper = await desk(), await desk(), await desk()
    page = await township.sign_in("township02", "/governance/burdens")
    await expect(page.get_by_text("没有清单外负担异议。")).to_be_visible()
    await page.get_by_role("button", name="登记异议").click()
    form = page.get_by_role("form", name="登记异议")
    await form.get_by_label("是什么").select_option("责任状")
    await form.get_by_label("叫什么").fill("路灯责任状")
    await form.get_by_label("具体情况").fill("要求镇街签订路灯责任状。")
    await form.get_by_label("哪个单位下达的").fill("综合行政执法")
    await form.get_by_role("button", name="区综合行政执法局").click()
    await send(page, "登记异议")
    await expect(page.get_by_text("已登记，请被反映的单位答复。")).to_be_visible()

    answering = await head.sign_in("head_D02")
    await answering.get_by_role("link", name="答复").click()
    form = answering.get_by_role("form", name="答复")
    await form.get_by_label("答复内容").fill("已通知收回。")
    await head.pictures(answering, "governance-burden")
    await send(answering, "答复")
    await expect(answering.get_by_text("已答复。")).to_be_visible()

    ruling = await keeper.sign_in("keeper1")
    await ruling.get_by_role("link", name="裁定").click()
    form = ruling.get_by_role("form", name="裁定")
    await form.get_by_label("是", exact=True).check()
    await form.get_by_label("裁定理由").fill("清单没有这一项。")
    await send(ruling, "裁定")
    await expect(ruling.get_by_text("已裁定。")).to_be_visible()
    await expect(ruling.get_by_text("异议成立").first).to_be_visible()
    await ruling.get_by_role("link", name="调整建议").click()
    await expect(ruling.get_by_text("没有先例建议调整。")).to_be_visible()
    await keeper.pictures(ruling, "governance-hints")


async def test_a_lost_network_and_a_stranger_are_told_in_sentences(county, desk):
    keeper, auditor = await desk(), await desk()
    page = await keeper.sign_in("keeper1", "/governance")
    await expect(page.get_by_text("没有在办的申请。")).to_be_visible()
    await keeper.context.set_offline(True)
    await page.get_by_label("显示").select_option("全部")
    await expect(page.get_by_text("网络断了")).to_be_visible()
    await keeper.context.set_offline(False)
    await page.get_by_label("显示").select_option("在办的")
    await expect(page.get_by_text("没有在办的申请。")).to_be_visible()
    page = await auditor.sign_in("auditor1", "/governance/propose")
    await expect(page.get_by_role("link", name="提出变更")).to_have_count(0)
    await page.goto(f"{auditor.url}/console/governance/proposals/999999")
    await expect(page.get_by_role("alert")).to_be_visible()
    await auditor.sure(page)
