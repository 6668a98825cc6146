"""The sentences of messages: plain, complete, and whole whatever fact is missing."""

import re
import tomllib
from importlib import resources

import pytest

from server.cases.rules.flow import Stage, Verb
from server.cases.rules.shown import Reader, shown
from server.push.wording import FACTS, sentence
from server.texts.catalogue import plainly, text

#: What the facts of a sentence look like, as the domain gives them.
SAMPLE = {
    "called": "区公安分局、荣华街道",
    "far": "报到位置距集合地点约620米，请核实",
    "no": "260302-48151623",
    "title": "城区路灯故障维修",
    "lead": "区住房和城乡建设局",
    "lead_phone": "0632-5550108",
    "due": "3月4日 10:00",
    "why": "2日，自3月2日（周一）10:00起，至3月4日（周三）10:00",
    "reason": "需要更换整条电缆",
    "lacking": "照片、门牌号",
    "instead": "向供电公司报修",
    "result": "路灯已经修好",
    "place": "荣华街道荣华里社区第2网格",
    "address": "三号楼西侧",
    "unit": "区供电公司",
    "asked": "3月2日 14:00",
    "until": "3月7日 10:00",
    "proper": "区城乡水务局",
    "ruling": "退单不成立，仍由原单位办理",
    "request": "延期",
    "survivor": "260301-31415926",
    "merged": "260302-27182818",
    "question": "是不是整条街都不亮",
    "what": "超过派遣期限仍未派遣",
    "steps": "荣华街道：现场核实（3月2日 18:00前）",
}
#: A hole where a fact should stand, or punctuation that closes on nothing.
GAP = re.compile(
    r"“”|（）|（[，。：；]|[，：；（“]$|[，。：；！？][，。：；]|[，：；][）”]|[\[\]{}\x00]|None|^[，。：；]"
    r"|(?<![理])由[，。：；）牵负重就退吹]|[于在为是给][前，。；]|的的|申请申请|、[。，]"
)
#: What is told of people, and of no case.
OF_NO_CASE = {
    f"{verb}.leader"
    for verb in (
        *("leave_entered", "leave_over", "leave_cancelled", "stands_in", "stood_in"),
        *("taken_over", "merged_into", "parted", "independent", "unstaffed"),
        *("renamed", "called_back"),
    )
}
#: What only we say; those who live there do not.
JARGON = ("挂账", "退单", "派遣", "吹哨", "办结期限到", "牵头单位免除", "提级")


def keys() -> list[str]:
    source = resources.files("server.texts").joinpath("zh_CN.toml")
    return list(tomllib.loads(source.read_text(encoding="utf-8"))["message"])


def said(key: str, facts: dict[str, str]) -> str:
    verb, _, wording = key.rpartition(".")
    return sentence(verb, wording, facts)


@pytest.mark.parametrize("key", keys())
def test_a_sentence_is_whole_with_all_facts_with_few_and_without_any_one(key):
    needed = {name: SAMPLE[name] for name in ("no", "title")}
    given = [SAMPLE, needed]
    given += [{**SAMPLE, name: ""} for name in SAMPLE.keys() - needed.keys()]
    given += [needed | {name: SAMPLE[name]} for name in SAMPLE.keys() - needed.keys()]
    for facts in given:
        written = said(key, facts)
        assert not GAP.search(written), (written, GAP.search(written))
        assert written[-1] in "。！？", written
        assert written.count("（") == written.count("）"), written
        assert written.count("“") == written.count("”"), written
        assert (f"“{SAMPLE['title']}”（{SAMPLE['no']}）" in written) is (key not in OF_NO_CASE)
        assert 12 <= len(written) <= 230, written


@pytest.mark.parametrize("key", [key for key in keys() if key.endswith(".follower")])
def test_those_who_report_are_told_in_words_of_their_own(key):
    written = said(key, {name: SAMPLE[name] for name in SAMPLE.keys() - {"ruling", "request"}})
    assert [word for word in JARGON if word in written] == []


@pytest.mark.parametrize(
    ("key", "facts"),
    [
        ("report.follower", ("place",)),
        ("dispatch.follower", ("lead", "due", "why", "lead_phone")),
        ("dispatch.unit", ("lead", "due", "why", "place", "steps")),
        ("call.unit", ("unit", "asked", "place", "lead", "reason", "due")),
        ("accept.follower", ("lead", "due")),
        ("decline.follower", ("reason", "lacking", "instead", "until")),
        ("inquire.follower", ("lacking", "until")),
        ("rule.follower", ("lead", "due", "why")),
        ("suspend.follower", ("reason", "until")),
        ("resume.follower", ("lead", "due", "why")),
        ("extend.follower", ("due", "reason")),
        ("resolve.follower", ("lead", "result")),
        ("close.follower", ("result", "due")),
        ("rework.follower", ("lead", "reason", "due", "why")),
        ("redo.follower", ("lead", "due", "why")),
        ("merge.follower", ("survivor",)),
        ("check.worker", ("place", "due")),
        ("verify.worker", ("place", "question", "due")),
    ],
)
def test_a_message_says_who_until_when_and_why(key, facts):
    written = said(key, SAMPLE)
    assert [fact for fact in facts if SAMPLE[fact] not in written] == []


def test_closing_asks_the_question_and_what_comes_next_is_said():
    assert "解决了吗？请您评价" in said("close.follower", SAMPLE)
    assert "请您评价" in said("resolve.follower", SAMPLE)
    assert "申请重办" in said("close.follower", SAMPLE)
    assert "提出异议" in said("decline.follower", SAMPLE)
    assert "签收" in said("dispatch.unit", SAMPLE)


def test_what_others_wrote_neither_opens_a_clause_nor_ends_the_sentence_twice():
    facts = SAMPLE | {"title": "[x]", "reason": "不行。！", "result": "{lead}[好]\x00"}
    for key in keys():
        written = said(key, facts)
        assert "。。" not in written
        assert "！。" not in written
        assert not re.search(r"[\[\]\x00]", written)
    assert "{lead}［好］" in said("resolve.unit", facts)


def test_the_sample_has_every_fact():
    assert set(SAMPLE) == set(FACTS)


def test_who_reported_reads_of_every_stage_and_act_without_terms_of_offices():
    terms = (*JARGON, "立案", "核查", "重办", "并案", "受理员", "承办", "一次性告知", "处置")
    written = [plainly("stage", stage) for stage in Stage] + [
        plainly("verb", verb) for verb in Verb if shown(verb).act >= Reader.REPORTER
    ]
    assert [(said, word) for said in written for word in terms if word in said] == []


@pytest.mark.parametrize(
    ("n_bytes", "said"), [(256 * 1024, "256 KB"), (20 * 2**20, "20 MB"), (5_000_000, "4.7 MB")]
)
def test_a_limit_of_bytes_is_said_as_file_managers_show_it(n_bytes, said):
    assert text("sheet.too_large", most=n_bytes) == f"文件太大（最多 {said}）"
