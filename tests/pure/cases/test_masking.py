"""What of people's words is masked before others read them, and what nobody could be found by."""

import random

import pytest

from server.cases.rules.masking import masked

#: A number as people write it, one spelling to a line.
NUMBERS = """
13907141004
139 0714 1004
139-0714-1004
139.0714.1004
139/0714/1006
139_0714_1008
139，0714，1016
139、0714、1016
139·0714·1004
139—0714—1004
139——0714——1004
139－0714－1004
139\u20110714\u20111004
139\u200b0714\u200b1004
1\u200d3\u200d9\u200d0\u200d7\u200d1\u200d4\u200d1\u200d0\u200d0\u200d4
139\u00a00714\u30001004
139 - 0714 - 1004
1 3 9 0 7 1 4 1 0 0 4
１３９０７１４１００４
(139)07141007
（139）0714-1007
+86 139 0714 1004
+8613907141004
0086-139-0714-1004
一三九零七一四一零零四
幺三九〇七幺四幺〇〇四
一三九-零七一四-一零零四
壹叁玖零柒壹肆壹零零肆
1三9零7一4一0零4
①③⑨⓪⑦①④①⓪⓪④
➊➌➒0➐➊➍➊00➍
1️⃣3️⃣9️⃣0️⃣7️⃣1️⃣4️⃣1️⃣0️⃣0️⃣4️⃣
0632-5550103
（0632）5550103
0632 555 0103
5550103
8355-2488
37040419800101123X
370404 19800101 1234
370404-19800101-1234
370404-19800101 123x
139    0714    1004
139----0714----1004
139 —————— 0714 —————— 1004
139杠0714杠1004
幺三九 横杠 零七一四 横杠 一零零四
13907l4l004
139O7141OO4
+852 9123 4567
+1 415-555-2671
6222 0212 3456 7890 123
1234567
zhang.san@example.com
zhang_san ＠ example.com.cn
zhang @ example . com
zhang@example点com
zhang艾特example点com
zhang at example.com
zhang@example。com
l39O7l4lOO4
I39 0714 1004
zhang#example.com
139.0714.1OO4
一三九o七一四一oo四
幺三九零七么四幺零零四
幺三勾洞拐幺四幺洞洞四
139和0714和1004
139，中间0714，后四位1004
139中间0714后4位是1004
139 中间是 0714 最后 1004
139<br>0714<br>1004
139<br/>07141004
013907141004
li[at]qq[dot]com
li(at)qq(dot)com
li at qq dot com
li@例子.中国
li@例子.com
https://u.wechat.com/kAbc_12
u.wechat.com/kAbc-12
https://t.me/zhang_san
"""
#: What stands beside a word that says what it is: word, and what of it is masked.
NAMED = """
微信号：lamp_finder
微信 lampfinder88
加我微信lamp-finder
WeChat: lampfinder
VX：lamp12345
v：lamp12345
QQ 66778
qq号是 123456
wxid_8a7b6c5d4e
加V lampfinder88
加微 lampfinder88
加微信：lampfinder88
微信搜 lampfinder88
微信搜索lampfinder88
微信加lampfinder88
微信联系 lampfinder88
微信名是lampfinder88
微 信 号：lampfinder88
微信 王师傅：lampfinder88
Wei Xin lampfinder88
抖音号 lampfinder88
钉钉：lampfinder88
支付宝 lampfinder88
加薇 lampfinder88
➕v lampfinder88
薇❤️：lampfinder88
v❤：lampfinder88
微❤️: lampfinder88
➕微lampfinder88
+薇 lampfinder88
wei信 lampfinder88
w信lampfinder88
W X：lampfinder88
微x：lampfinder88
我微信号就是lampfinder88
加我lampfinder88
绿泡泡 lampfinder88
微信: 张三 lampfinder88
QQ：12 345 678
QQ 123-456-78
小红书号 lampfinder88
telegram @lamp_finder
skype lamp.finder
WhatsApp: lampfinder88
"""
#: Nobody's.
KEPT = """
20261129120933
202611291209
20261129
2026-11-29 12:09:33
2026/11/29
2026.3.9 8:05
2026年11月29日12时09分
2024-2026
第1234567号
第 3 号楼2单元1201室
编号261129-86820310
鲁D12345
鲁D·F12345
鲁DF12345、鲁DF54321
3号楼2单元1201
12-3-2301
3011-3012室
101、102、103、201、202号楼
第一三五七九号井盖
一、二、三、四、五、六、七
117.5669，34.7712
2.5米宽、3.2米深
共 120 户，占道 15 天
8:00-12:00、14:00-18:00
每天 8:00至12:00，14:30~18:00
11-29、11-30、12-01
2023 2024 2025
2023、2024、2025
1234567号井盖
一二三四五六七号井盖
No.1234567
№ 1234567
合计1234567元
合计 1234567.50 元
1200000平方米
GB 4287-2012
HJ/T 4287-2012
路灯杆号00012345
灯杆 HD-0012345
灯杆编号：HD-001-0012345
电表号 0012345678
井盖编号是 20240012345
一二三四五六七楼
7000000株
7000000 棵
1200000个
1200000人次
路灯编号：3704030012345
路灯编号370403001234567890
配电箱号 1234567890
配电柜号：1234567
燃气表 0123456789
水表0012345
户号3704031234567
用户号：55501034
票号0012345
摊位号1234567
电杆 荣华04-0012345
电杆 10kV荣华线0012345
变压器编号10kV荣华线0123456
图斑370403001234
图斑编号 370403001234567
宗地号370403001001GB00012
施工许可证370403202600123
食品经营许可证号JY13704030012345
营业执照 370403600123456
建字第370403202600123号
统一社会信用代码 91370403MA3C0ABC1X
统一社会信用代码：123704034952345678
12319、12369、12315热线
12345、110、119
初一二三四五六七
"""


def lines(table):
    return [line for line in table.split("\n") if line]


@pytest.mark.parametrize("number", lines(NUMBERS))
@pytest.mark.parametrize(
    "around", ["{}", "请打{}，谢谢", "我的电话:{}找王", "路灯坏了3天 {} 3号楼"]
)
def test_a_number_is_masked_however_it_is_written(number, around):
    shown = masked(around.format(number))
    assert shown == around.format("***")


@pytest.mark.parametrize("words", lines(NAMED))
def test_a_chat_name_is_masked_where_a_word_says_that_it_is_one(words):
    shown = masked(f"请联系{words}，晚上在")
    assert shown.endswith("***，晚上在")
    assert not any(name in shown.lower() for name in ("lamp", "66778", "123456", "8a7b"))


@pytest.mark.parametrize("words", lines(KEPT))
def test_what_belongs_to_nobody_is_left_alone(words):
    for said in (words, f"在{words}处", f"{words}，{words}"):
        assert masked(said) == said


def test_a_name_that_is_known_is_masked_and_the_rest_stays_as_it_was_written():
    assert masked("找甲卡纳，甲 乙；①号楼", {"甲卡纳", "乙"}) == "找***，甲 乙；①号楼"
    assert masked("找 Li\u200bMing 或ＬＩＭＩＮＧ", {"LiMing"}) == "找 *** 或***"
    for written in ("甲 卡纳", "甲\u3000卡\u3000纳", "甲·卡纳", "甲  卡纳"):
        assert masked(f"找{written}同志", {"甲卡纳"}) == "找***同志"
    assert masked("甲卡纳说的", {"甲 卡·纳"}) == "***说的"
    assert masked("两人：13907141004、13807141005") == "两人：***、***"


def test_the_longest_words_that_a_form_takes_come_back_whole_where_nothing_is_masked():
    for piece in ("路灯不亮，", "3号楼、", "a b "):
        words = piece * (2000 // len(piece))
        assert masked(words) == words


def test_a_number_before_a_unit_or_beside_an_hour_is_still_masked_where_it_is_somebodys():
    assert masked("13907141004元、13907141004号") == "***元、***号"
    assert masked("打5550103号电话或5550103号码") == "打***号电话或***号码"
    assert masked("8:30-13907141004，13:50-714-1004") == "8:30-***，***"
    assert masked("No.13907141004，GB 13907141004") == "No.***，GB ***"


def test_telephones_of_offices_stay_where_they_are_asked_to_and_no_persons():
    said = "区司法局 0632-5550103、5550103，或 400-810-1234；找甲卡纳 139 0714 1004"
    assert masked(said, {"甲卡纳"}, offices=True) == (
        "区司法局 0632-5550103、5550103，或 400-810-1234；找*** ***"
    )
    assert masked(said, {"甲卡纳"}) == "区司法局 ***、***，或 ***；找*** ***"


def test_a_word_for_a_thing_hides_no_telephone_and_no_identity_behind_it():
    for said in (
        "请修井盖 5550103",
        "请修路灯 5550103",
        "请修电杆旁边王师傅5550103",
        "杆号13907141004",
        "编号370404198001011234",
        "编号12-13907141004",
        "编号a13907141004",
        "户号0632-5550103",
        "邮箱号 12345678",
        "账户号 12345678",
        "单位号 5550103",
        "第13907141004",
        "5550103个人电话",
    ):
        shown = masked(said)
        assert "***" in shown, said
        assert not any(number in shown for number in ("5550103", "0714", "0101", "12345678")), said


@pytest.mark.parametrize("words", ["张三@163.com", "请写张三@163.com"])
def test_mail_of_a_chinese_name_is_masked_with_the_name(words):
    assert "张三" not in masked(words)
    assert "163" not in masked(words)


def test_words_beside_a_chat_are_left_alone_where_no_name_stands():
    for said in (
        "微信支付 10000元",
        "微信小程序里上报",
        "略微：偏左",
        "加我们单位一起",
        "wx 与 qq 群里都说过",
    ):
        assert masked(said) == said


@pytest.mark.parametrize("thing", ["路灯编号", "杆号", "井盖编号", "户号", "电表号"])
@pytest.mark.parametrize("seed", range(20))
def test_every_number_of_a_thing_is_read_and_every_mobile_behind_its_word_is_not(thing, seed):
    chance = random.Random(seed)
    number = "".join(chance.choices("0123456789", k=chance.randint(7, 10)))
    if number[0] == "0" and number[1] in "123456789":
        number = "1" + number[1:]
    mobile = f"1{chance.randint(3, 9)}" + "".join(chance.choices("0123456789", k=9))
    mark = chance.choice(["", " ", "：", "是"])
    assert masked(f"{thing}{mark}{number}不亮") == f"{thing}{mark}{number}不亮"
    assert masked(f"{thing}{mark}{mobile}不亮") == f"{thing}{mark}***不亮"
