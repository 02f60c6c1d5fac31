"""Laws and rules: one numbered clause is one passage, and items stay with what leads to them."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

import pytest

from retrieval.blocks import Role, join
from retrieval.passages import LONGEST, cut
from retrieval.sources import FileContent, Source, read

LAWS = Path(__file__).parents[1] / "data" / "laws"
CORPUS = Path(__file__).parents[3] / "shared" / "data" / "laws.tar.xz"


@pytest.fixture
def law(analyzer, tmp_path):
    """Read a law of tests/data by the beginning of its name, or a text given."""

    def read_law(name: str, text: str | None = None) -> FileContent:
        if text is None:
            path = next(path for path in LAWS.iterdir() if path.name.startswith(name))
        else:
            path = tmp_path / name
            path.write_text(text, "utf-8")
        return read(Source("法规", path), path.name, path, analyzer.cut)

    return read_law


def passages(content: FileContent):
    return [p for document in content.documents for p in cut(document, content.text)]


@pytest.mark.parametrize(
    ("name", "title", "date", "clauses"),
    [
        ("工会法", "中华人民共和国工会法", "2021年12月24日", 58),
        ("工资支付暂行规定", "工资支付暂行规定", "1994年12月6日", 20),
        ("职工带薪年休假条例", "职工带薪年休假条例", "2007年12月14日", 10),
        ("印花税暂行条例", "中华人民共和国印花税暂行条例", "2011年1月8日", 16),
        ("附则", "中华人民共和国民法典 附则", "2021年1月1日", 2),
    ],
)
def test_a_law_knows_its_title_its_date_and_its_articles(law, name, title, date, clauses):
    content = law(name)
    (document,) = content.documents
    articles = [p for p in passages(content) if re.match(r"第.+条[\s　]", p.text)]
    assert document.title == title
    assert document.date.replace(" ", "") == date
    assert len(articles) == clauses


def test_an_article_is_cited_by_chapter_and_number(law):
    found = [p for p in passages(law("工会法")) if p.text.startswith("第四条")]
    assert [p.section for p in found] == [("第一章 总 则", "第四条")]
    assert found[0].text.count("\n") >= 1  # its second paragraph belongs to it


def test_items_stay_with_the_words_that_lead_to_them(law):
    found = [p for p in passages(law("职工带薪年休假条例")) if "请病假累计2个月" in p.text]
    assert len(found) == 1
    assert found[0].text.startswith("第四条 职工有下列情形之一的，不享受当年的年休假：")


def test_items_outside_of_articles_stay_with_their_lead_too(law):
    found = [p for p in passages(law("女职工")) if "抗癌药物" in p.text]
    assert [p.text[:19] for p in found] == ["三、女职工在孕期禁忌从事的劳动范围：\n"]


def test_an_annex_is_no_part_of_the_last_article(law):
    last = [p for p in passages(law("印花税暂行条例")) if p.text.startswith("第十六条")]
    assert [p.text for p in last] == ["第十六条 本条例自1988年10月1日起施行。"]


def test_what_stands_above_the_text_is_metadata(law):
    notices = [p for p in passages(law("工会法")) if p.role is Role.NOTICE]
    assert notices
    assert all(re.match(r"\d{4}年", p.text) for p in notices)


def test_a_case_without_articles_keeps_its_paragraphs(law):
    found = passages(law("张莉"))
    assert any(p.section == ("裁判要点",) or "裁判要点" in p.section for p in found)
    assert not any("FORCE BREAK" in p.text for p in found)


@pytest.mark.parametrize("number", ["第3条", "第３条", "第三条", "第一百二十条之一"])
def test_numbers_are_known_in_every_form(law, number):
    text = "# 章程\n\n第1条 甲。\n\n第2条 乙。\n\n" + number + " 丙。\n\n又一款。\n"
    found = passages(law("rules.md", text))
    assert [p.text for p in found if p.section == (number,)] == [f"{number} 丙。\n又一款。"]


def test_plain_text_has_clauses_too(law):
    text = (
        "考勤管理办法\n\n第一条 每天九点上班。\n\n第二条 迟到的，按下列规定处理：\n\n"
        "（一）一次提醒；\n\n（二）三次扣奖。\n\n第三条 自今日起施行。\n"
    )
    found = passages(law("rules.txt", text))
    assert [p.section for p in found if p.role is Role.BODY] == [
        ("第一条",),
        ("第二条",),
        ("第三条",),
    ]


def test_two_mentions_of_an_article_make_no_clauses(law):
    text = "# 通知\n\n第七条的规定从严执行。\n\n第八条同样如此。\n\n其他照旧。\n"
    assert all(p.section == () for p in passages(law("notice.md", text)))


def test_a_long_article_is_split_between_items_each_part_with_its_lead(law):
    items = "\n\n".join(f"（{n}）{'规定' * 60}{n}；" for n in "一二三四五六七八九十")
    lead = "第二条 有下列情形之一的，应当报告："
    text = f"# 办法\n\n第一条 总则。\n\n{lead}\n\n{items}\n\n第三条 施行。\n"
    parts = [p for p in passages(law("long.md", text)) if p.section == ("第二条",)]
    assert len(parts) > 1
    assert all(p.text.startswith(f"{lead}\n（") for p in parts)
    assert all(len(p.text) <= LONGEST for p in parts)


def unaccounted(content: FileContent) -> str:
    """Return the characters of a file that no passage, heading or mark-up accounts for."""
    spans = [span for p in passages(content) for span in p.spans]
    spans += [span for p in passages(content) for again in p.also for span in again.spans]
    headings = [b for d in content.documents for b in d.blocks if b.role is Role.HEADING]
    spans += [span for heading in headings for span in heading.spans]
    spans += [m.span() for m in re.finditer(r"<!--.*?-->|^#+", content.text, re.MULTILINE)]
    seen = {i for start, end in spans for i in range(start, end)}
    return "".join(c for i, c in enumerate(content.text) if i not in seen and not c.isspace())


def check(content: FileContent) -> None:
    for p in passages(content):
        assert "".join(join(content.text, p.spans).split()) == "".join(p.text.split())
        assert len(p.text) <= LONGEST
    assert unaccounted(content) == ""


@pytest.mark.parametrize("path", sorted(LAWS.iterdir()), ids=lambda path: path.stem[:12])
def test_nothing_of_a_law_is_lost_and_every_passage_is_verbatim(analyzer, path):
    check(read(Source("法规", path), path.name, path, analyzer.cut))


@pytest.mark.parametrize(
    "closing",
    [
        "联系人：赵敏，电话：0511-85012345。",
        "咨询电话：12351",
        "特此通知。",
        "海港集团工会\n\n2024年5月28日",
        "二〇二四年五月二十八日",
        "甲方（签字）：　　　　乙方（签字）：",
    ],
)
def test_whom_to_call_and_who_signed_are_no_part_of_the_last_clause(law, closing):
    clauses = ["一、六月发放。", "二、每月三百元。", "三、新员工同样。"]
    found = passages(law("notice.md", "\n\n".join(["# 通知", *clauses, closing])))
    assert [p.text for p in found if p.section] == clauses
    assert [p.text for p in found if not p.section][1:] == closing.split("\n\n")


def test_what_a_colon_leads_to_stays_in_the_last_clause(law):
    lines = ["一、甲。", "二、乙。", "三、请联系下列人员：", "联系人：赵敏。", "电话：12351"]
    found = passages(law("notice.md", "\n\n".join(["# 通知", *lines])))
    assert [p.text for p in found if p.section == ("三、",)] == ["\n".join(lines[2:])]


@pytest.mark.parametrize(
    "below", ["一、经营情况", "第一章 总则", "第一条 为规范考勤，制定本办法。"]
)
def test_the_line_above_numbered_parts_is_the_title_though_nothing_marks_it(law, below):
    (document,) = law("rules.md", f"海港集团考勤办法\n\n{below}\n\n全年如此。\n").documents
    assert document.title == "海港集团考勤办法"
    assert [block.level for block in document.blocks] == [1, 0, 0]


def test_a_chapter_is_not_what_the_whole_is_called(law):
    (document,) = law("rules.md", "本办法如下。\n\n## 第一章 总则\n\n全年如此。\n").documents
    assert document.title == "rules"


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.exists(), reason=f"the law corpus is not at {CORPUS}")
def test_nothing_of_200_other_laws_is_lost(analyzer, tmp_path):
    with tarfile.open(CORPUS) as archive:
        members = sorted((m for m in archive if m.name.endswith(".md")), key=lambda m: m.name)
        archive.extractall(tmp_path, members[::17], filter="data")
    laws = sorted(tmp_path.rglob("*.md"))
    assert len(laws) >= 200
    for path in laws:
        check(read(Source("法规", path), path.name, path, analyzer.cut))
