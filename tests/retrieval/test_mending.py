"""Mending: the lines of a scanned page become articles, and nothing is lost or changed."""

from __future__ import annotations

import pytest

from retrieval.blocks import Place, Role

# Where the newspapers' columns break a sentence: file, the line before, the line after.
BREAKS = {
    "000": [(18, 20), (30, 32), (40, 42)],
    "001": [(15, 17), (29, 31), (41, 43), (111, 117), (119, 121), (125, 127)],
    "002": [(18, 20), (22, 24), (36, 38), (48, 50), (56, 58)],
    "003": [(43, 45), (61, 67)],
    "004": [(25, 27), (45, 47), (55, 57)],
}


@pytest.mark.parametrize(
    ("file", "before", "after"), [(f, a, b) for f, pairs in BREAKS.items() for a, b in pairs]
)
def test_a_sentence_that_a_column_breaks_is_in_one_passage(seed_pages, file, before, after):
    page = seed_pages[file]
    lines = page.text.split("\n")
    whole = lines[before - 1].strip() + lines[after - 1].strip()
    passage = page.holding(whole)
    assert (passage.place.first, passage.place.last) == (before, after)


def test_nothing_else_of_the_seeds_is_joined(seed_pages):
    joined = {
        (file, p.place.first, p.place.last)
        for file, page in seed_pages.items()
        for p in page.passages
        if len(p.spans) > 1 and p.role is not Role.CONTENTS
    }
    assert joined == {(file, *pair) for file, pairs in BREAKS.items() for pair in pairs}


# The first and the last line of each article of a page that holds several.
ARTICLES = [
    ("“四个强化” 推进梁溪产改走深走实", "无锡市梁溪区总工会党组书记、副主席 王颍", 3, 49),
    ("奋力谱写「贾汪真旺」新篇章", "徐州市贾汪区总工会党组成员、副主席 曹淑梅", 51, 79),
    ("上海市总推进职工工间休息室建设", "来源:《工人日报》", 81, 97),
    ("“双进”活动走进徐州电信", "刘照富 摄", 101, 105),
    ("倾听、创新、守护,当好职工群众的“娘家人”", "于长彬", 107, 127),
]


@pytest.mark.parametrize(("number", "article"), [*enumerate(ARTICLES, 1)])
def test_the_articles_of_a_page_are_told_apart(seed_pages, number, article):
    title, byline, first, last = article
    page = seed_pages["001"]
    document = page.content.documents[number - 1]
    assert document.id.endswith(f"#{number}")
    assert (document.title, document.byline) == (title, byline)
    lines = [p.place for p in page.passages if p.document == document.id]
    assert min(place.first for place in lines) == first
    assert max(place.last for place in lines) == last


def test_a_page_with_several_articles_has_no_more_than_it_has(seed_pages):
    assert len(seed_pages["001"].content.documents) == len(ARTICLES)


@pytest.mark.parametrize(
    ("file", "title", "byline"),
    [
        (
            "000",
            "润州区总工会： 当好职工“娘家人”，奋勇争先再立新功",
            "责编/徐贤礼 美编/谢志斌 校对/邱舒 本报通讯员 王振轩 本报记者 谭艺婷",
        ),
        (
            "002",
            "镇江高新区总工会： 心手相牵，奋力书写工会工作新时代答卷",
            "本报通讯员 倪玉仙 本报记者 周迎",
        ),
        ("003", "增强实效 普惠职工 海陵区总工会2018年度十件大事览", ""),
        (
            "004",
            "为广丰高质量发展凝聚职工力量 ——2018 年全区工会工作综述",
            "何冰莹 本报记者 俞小芳",
        ),
    ],
)
def test_a_page_with_one_article_has_its_title_and_author(seed_pages, file, title, byline):
    (document,) = seed_pages[file].content.documents
    assert (document.title, document.byline) == (title, byline)
    assert "#" not in document.id


def test_the_page_head_dates_its_article(seed_pages):
    assert seed_pages["000"].content.documents[0].date == "2023年4月26日"
    assert seed_pages["002"].content.documents[0].date == ""


ROLES = {
    ("000", Role.NOTICE): {3},
    ("000", Role.BYLINE): {4, 8},
    ("000", Role.CAPTION): {14, *range(68, 101, 4)},
    ("001", Role.NOTICE): {3, 51, 83, 107},
    ("001", Role.BYLINE): {7, 79, 97, 105, 115},
    ("001", Role.CAPTION): set(),
    ("002", Role.NOTICE): set(),
    ("002", Role.BYLINE): {6},
    ("002", Role.CAPTION): set(),
    ("003", Role.NOTICE): {3},
    ("003", Role.BYLINE): set(),
    ("003", Role.CAPTION): {*range(15, 32, 4), 63, *range(83, 108, 4)},
    ("004", Role.NOTICE): {5},
    ("004", Role.BYLINE): {11},
    ("004", Role.CAPTION): set(),
}


@pytest.mark.parametrize(("file", "role"), ROLES)
def test_roles_are_told_by_form_and_position(seed_pages, file, role):
    found = {p.place.first for p in seed_pages[file].passages if p.role is role}
    assert found == ROLES[file, role]


SECTIONS = {
    ("000", 18): "政治引领凝聚共识",
    ("000", 64): "确保劳动安全舒心",
    ("001", 11): None,  # before the first heading
    ("001", 15): "强化组织领导,汇聚产改合力",
    ("001", 63): "丰富载体,打造职工文体活动园地",
    ("002", 16): "牵头谋划，企业建会大潮涌动",
    ("002", 56): "便民为要，特色服务精准有效",
    ("003", 57): "住院慰问普惠职工",
    ("003", 61): "网络宣传直击基层",
    ("003", 83): None,  # a caption belongs to its photograph
    ("004", 25): "夯实基础 倾心打造“职工之家”",
    ("004", 71): "履职尽责 提升综合服务效能",
}


@pytest.mark.parametrize(("file", "line"), SECTIONS)
def test_a_passage_knows_the_heading_above_it(seed_pages, file, line):
    (passage,) = (p for p in seed_pages[file].passages if p.place.first == line)
    heading = SECTIONS[file, line]
    assert passage.section == ((heading,) if heading else ())


# What the newspapers say twice: file, the lines of the passage, the line that says it again.
REPEATS = [("001", (125, 127), 131), ("003", (61, 67), 65)]


@pytest.mark.parametrize(("file", "lines", "again"), REPEATS)
def test_what_a_page_repeats_is_one_passage_that_knows_each_place(seed_pages, file, lines, again):
    page = seed_pages[file]
    repeated = page.text.split("\n")[again - 1].strip()
    passage = page.holding(repeated)
    assert (passage.place.first, passage.place.last) == lines
    assert [repeat.place for repeat in passage.also] == [Place("lines", again, again)]
    assert [page.text[a:b] for repeat in passage.also for a, b in repeat.spans] == [repeated]
    assert all(p.place.first != again for p in page.passages)


def test_nothing_else_of_the_seeds_is_a_repeat(seed_pages):
    found = {
        (file, repeat.place.first)
        for file, page in seed_pages.items()
        for p in page.passages
        for repeat in p.also
    }
    assert found == {(file, again) for file, _, again in REPEATS}


# --- pages that no newspaper printed: the rules are not about the seeds --------------------------

HARBOUR = """【港口新闻】

宁波舟山港一季度吞吐量创新高

本报记者 林晓雯

宁波舟山港今年一季度完成货物吞吐量三亿吨，同比增长百分之六。港口集团负责人介绍，新增的十二条航线覆盖东南

亚和南美洲，集装箱运输因此更加便捷。

码头工人迎来新宿舍

去年冬天，北仑港区为码头工人建成新宿舍楼三栋，每间住两人，配有独立卫生间和热水器，房租每月二百元。工人们都说，下班以后终于有
了自己的家。
"""


def test_a_page_about_another_city_is_mended_by_the_same_rules(page):
    read = page(HARBOUR)
    (document,) = read.content.documents
    assert document.title == "宁波舟山港一季度吞吐量创新高"
    assert document.byline == "本报记者 林晓雯"
    passage = read.holding("覆盖东南亚和南美洲")
    assert (passage.place.first, passage.place.last) == (7, 9)
    below = read.holding("终于有了自己的家")
    assert (below.place.first, below.place.last) == (13, 14)
    assert below.section == ("码头工人迎来新宿舍",)


def test_a_heading_within_a_broken_sentence_is_stepped_over(page):
    read = page(
        "渔村图书馆今年接待读者一万二千人次，其中少年儿童占了六成以上，借阅最多的是科普读物和长篇小\n\n"
        "海风里的书香\n\n"
        "说。图书馆每周二闭馆整理，其余日子从早上九点开到晚上八点，节假日也照常开放。\n"
    )
    passage = read.holding("科普读物和长篇小说。图书馆每周二闭馆")
    assert (passage.place.first, passage.place.last) == (1, 5)
    assert "海风里的书香" not in passage.text
    assert "海风里的书香" in read.texts()


WITHIN = """环城铁路全线通车

本报记者 赵一平

环城铁路昨天上午全线通车，首班列车从北站开出，沿途停靠十二座车站，全程用时五十分钟，票价最高八

首班列车驶出北站

元。铁路公司介绍，早晚高峰每六分钟一班，末班车二十三点发出，老人和学生凭证件享受半价优惠。
"""


def test_a_line_within_a_sentence_below_the_title_is_a_caption(page):
    read = page(WITHIN)
    assert read.holding("票价最高八元").place == Place("lines", 5, 9)
    assert [p.role for p in read.passages if p.place.first == 7] == [Role.CAPTION]


def test_a_heading_within_a_sentence_that_has_a_text_of_its_own_stays_one(page):
    own = (
        "夜班列车\n\n夜班列车从零点开到五点，每小时一班。车上有座位，也有卧铺，价格相同，不必预订。"
    )
    read = page(WITHIN.replace("首班列车驶出北站", own))
    (passage,) = (p for p in read.passages if p.text.startswith("夜班列车从零点"))
    assert passage.section == ("夜班列车",)


def test_what_is_repeated_again_and_again_is_known_with_each_place(page):
    body = (
        "镇上的渔船在台风季节一律不得出海，违者由海事部门处理。渔民可以领取补贴，每船每天三百元。"
    )
    read = page(f"渔港通知\n\n{body}\n\n{body[-19:]}\n\n{body[-17:]}\n\n{body[-19:]}\n")
    passage = read.holding(body)
    assert [repeat.place.first for repeat in passage.also] == [5, 7, 9]


def test_a_list_under_a_colon_is_not_joined_to_it(page):
    read = page(
        "申请老年公交卡需要携带以下证件和材料到社区服务中心办理，具体的要求分别说明如下：\n\n"
        "一、本人身份证原件和复印件各一份，复印件须为白色纸张并且写明用途。\n\n"
        "二、近期一寸免冠照片两张，背景为白色或者浅蓝色，不得使用生活照片。\n"
    )
    assert len(read.passages) == 3


@pytest.mark.parametrize("mark", ["一、", "（二）", "3.", "·", "第三条　", "【附】", "——"])
def test_what_is_numbered_or_marked_continues_nothing(page, mark):
    read = page(
        "本店承诺七天之内无理由退货，但是定制的商品和拆封后影响安全的商品除外，请您在购买之前仔细看清楚这些规定\n\n"
        f"{mark}退货的运费由买家承担。质量有问题的，由本店承担全部运费并且赔偿。\n"
    )
    assert len(read.passages) == 2


def test_a_broken_sentence_is_continued_again_and_again(page):
    read = page(
        "青山镇的茶农今年引进了无人机喷洒设备，一台机器一天能照看两百亩茶园，比人工快了二十倍还多，节省下来的劳动\n\n"
        "力用在了采摘和炒制上面，全镇因此多产春茶三万斤，收入增加了五百多万元，家家户户都买了新的农\n\n"
        "机具。镇里打算明年再建两座冷库。\n"
    )
    (passage,) = read.passages
    assert passage.place.last == 5
    assert "劳动力用在了" in passage.text
    assert "农机具" in passage.text


WRAPPED = """The harbour library opens at nine every day except Tuesday, when
the shelves are put in order.  Readers may borrow five books for
four weeks; children may borrow ten.

Whoever loses a book pays its price and a fee of three euros, but
nobody is turned away for a debt.
"""


def test_english_text_wrapped_at_a_width_becomes_paragraphs(page):
    read = page(WRAPPED)
    assert [(p.place.first, p.place.last) for p in read.passages] == [(1, 3), (5, 6)]
    assert "except Tuesday, when the shelves" in read.passages[0].text


def test_chinese_text_wrapped_at_a_width_becomes_paragraphs(page):
    # Twenty characters a line; a paragraph begins with two wide spaces.
    first = "社区食堂每天供应三餐，早餐从六点半开始，午餐在十一点，晚餐在五点，老人凭卡打八折。"
    second = "外卖可以提前一天预订，电话打到服务台，五十元以上免费送到家里，下雨天也照常送餐。"
    wrapped = ""
    for paragraph in (first, second):
        text = "　　" + paragraph
        wrapped += "".join(text[i : i + 20] + "\n" for i in range(0, len(text), 20))
    read = page(wrapped)
    assert read.texts() == [first, second]


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("本报记者 林晓雯", Role.BYLINE),
        ("本报通讯员 欧阳明 记者 赵一", Role.BYLINE),
        ("责编/周小舟 美编/吴桐", Role.BYLINE),
        ("来源：《海港日报》", Role.BYLINE),
        ("林晓雯 摄", Role.BYLINE),
        ("某某公司热烈祝贺海港博物馆开馆！", Role.NOTICE),
        ("【读者来信】", Role.NOTICE),
        ("2024年3月5日 星期二", Role.NOTICE),
    ],
)
def test_a_line_shows_its_role_by_its_form(page, line, role):
    read = page(
        "海港博物馆今日开馆\n\n"
        f"{line}\n\n"
        "海港博物馆昨天上午正式开馆，免费向市民开放，展出文物三百件。参观时间是每天九点到十七点。\n"
    )
    assert [p.role for p in read.passages if p.text == line] == [role]


def test_two_articles_with_their_authors_are_two_documents(page):
    body = "昨天上午举行了隆重的仪式，市民代表两百多人参加，仪式持续了一个小时。大家都很高兴。"
    read = page(
        f"海港博物馆今日开馆\n\n本报记者 林晓雯\n\n博物馆{body}\n\n"
        f"环城铁路全线通车\n\n本报记者 赵一平\n\n铁路{body}\n"
    )
    assert [(d.title, d.byline) for d in read.content.documents] == [
        ("海港博物馆今日开馆", "本报记者 林晓雯"),
        ("环城铁路全线通车", "本报记者 赵一平"),
    ]


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n\n\n", "\n\n\n\n"])
@pytest.mark.parametrize(
    "below",
    [
        ["第一章 总则", "第一条 为了规范茶叶生产，制定本法。", "第二条 茶叶应当登记。"],
        ["一、经营情况", "全年收入两亿元，同比增长两成。", "二、问题", "大棚受损三座。"],
        ["2023年9月1日修正", "第一条　开放时间为上午八时至晚间十时。", "第二条　可借二十册。"],
        ["开放时间", "周一至周五八点开放，周末休息。"],
        ["第一章 总则", "第一节 范围", "本办法适用于全体员工。"],
    ],
)
def test_the_first_line_is_the_title_whatever_stands_below_it_and_however_wide(page, below, gap):
    read = page(gap.join(["海港集团茶叶管理办法", *below]) + "\n")
    (document,) = read.content.documents
    assert document.title == "海港集团茶叶管理办法"
    assert [block.level for block in document.blocks].count(1) == 1
    assert Role.CAPTION not in {block.role for block in document.blocks}


def test_a_long_title_is_one_and_is_not_joined_with_the_text(page):
    title = (
        "最高法院关于审理非法制造、买卖、运输枪支、弹药、爆炸物等刑事案件具体应用法律若干问题的解释"
    )
    text = "为依法严惩犯罪，现就审理这类案件具体应用法律的若干问题解释如下。"
    (document,) = page(f"{title}\n\n{text}\n").content.documents
    assert document.title == title
    assert [block.role for block in document.blocks] == [Role.HEADING, Role.BODY]


def test_an_english_title_is_not_joined_with_the_text_below_a_blank_line(page):
    title, text = "Rules of the Harbor City Public Library for its Members", "It is open. Come in."
    assert page(f"{title}\n\n{text}\n").content.documents[0].title == title
    assert page(f"{title}\n{text}\n").texts() == [f"{title} {text}"]  # a sentence, wrapped


def test_a_caption_above_a_title_with_its_author_is_not_the_title(page):
    body = "海港博物馆今天向市民开放，第一天就有三千人参观，讲解员从早忙到晚。"
    read = page(f"市民在馆外排队\n\n\n\n海港博物馆今日开馆\n\n本报记者 林晓雯\n\n{body}\n")
    assert read.content.documents[0].title == "海港博物馆今日开馆"


def test_short_lines_that_stand_twice_are_kept_twice(page):
    read = page("好。\n\n这一家好。\n\n好。\n")
    assert read.texts().count("好。") == 2


@pytest.mark.parametrize("text", ["一", "标题", "一句话。", "。", "……", "👍", "——", "1.", "【】"])
def test_the_shortest_page_is_a_page(page, text):
    assert page(text).texts() == [text]


def test_a_page_of_headings_loses_none_of_them(page):
    titles = ["海港博物馆", "环城铁路", "老年食堂", "渔村图书馆", "青山茶园"]
    assert sorted(page("\n\n".join(titles)).texts()) == sorted(titles)


# --- what the rules get wrong ---------------------------------------------------------------------


def test_what_is_said_under_another_heading_again_is_no_repeat(page):
    hours = "开放时间：每天九点到二十一点，节假日照常。"
    read = page(f"中山商场\n\n{hours}\n\n人民商场\n\n{hours}\n")
    assert [p.section or p.title for p in read.passages if p.text == hours] == [
        "中山商场",
        ("人民商场",),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ["公司考勤管理制度", "上班时间是九点。", "迟到三次扣一天工资。"],
        ["姓名：张三", "电话：123", "地址：北京市朝阳区某某路1号"],
        ["员工食堂", "早餐 六点半到八点", "午餐 十一点到一点", "晚餐 五点到七点"],
    ],
)
def test_short_lines_are_not_wrapped_text(page, lines):
    assert page("\n".join(lines) + "\n").texts() == lines


def test_an_answer_without_a_full_stop_ends_before_the_next_question(page):
    read = page("问：病假工资多少？答：基本工资的八成\n\n问：加班费怎么算？答：一倍半。\n")
    assert len(read.passages) == 2


def test_the_rows_of_a_table_are_not_one_paragraph(page):
    rows = [
        f"{name} 男 199{i}年出生 本科学历 毕业于海港大学计算机专业 报考信息中心系统管理员 8{i}分"
        for i, name in enumerate(["张三", "李四", "王五"])
    ]
    assert page("\n\n".join(rows)).texts() == rows
