"""The numbers that Word writes by itself: they are quoted as they are shown."""

from __future__ import annotations

import io

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml

from retrieval.blocks import join
from retrieval.readers.docx import read
from retrieval.readers.numbering import written

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


class Draft:
    """A document in the making, with lists of its own."""

    def __init__(self) -> None:
        self.document = docx.Document()
        self._lists = self.document.part.numbering_part.element
        self._count = 100

    def list(self, *levels: tuple[str, str], more: str = "", own: str = "") -> int:
        """Add a list of levels, each a format and a text; return the number of its use."""
        self._count += 1
        shapes = "".join(
            f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}'
            f'<w:lvlText w:val="{text}"/></w:lvl>'
            for n, (form, text) in enumerate(levels)
        )
        abstract = f'<w:abstractNum {W} w:abstractNumId="{self._count}">{shapes}</w:abstractNum>'
        self._lists.insert(0, parse_xml(abstract))
        return self.use(self._count, own)

    def use(self, abstract: int, own: str = "") -> int:
        self._count += 1
        self._lists.append(
            parse_xml(
                f'<w:num {W} w:numId="{self._count}"><w:abstractNumId w:val="{abstract}"/>{own}'
                "</w:num>"
            )
        )
        return self._count

    def add(self, text: str, number: int, level: int = 0, style: str | None = None) -> None:
        number_of(self.document.add_paragraph(text, style=style)._p, number, level)

    def texts(self) -> list[str]:
        file = io.BytesIO()
        self.document.save(file)
        reading = read(file.getvalue())
        return [join(reading.text, block.spans) for block in reading.blocks]


def number_of(element, number: int, level: int = 0) -> None:
    settings = element.get_or_add_pPr()
    numbered = OxmlElement("w:numPr")
    for name, value in (("w:ilvl", level), ("w:numId", number)):
        child = OxmlElement(name)
        child.set(qn("w:val"), str(value))
        numbered.append(child)
    settings.append(numbered)


def test_articles_that_word_numbers_are_articles():
    draft = Draft()
    articles = draft.list(("chineseCountingThousand", "第%1条"), ("chineseCounting", "（%2）"))
    for number, text in enumerate(
        ["为了规范休假。", "有下列情形之一的，可以休假：", "本办法施行。"]
    ):
        draft.add(text, articles)
        if number == 1:
            draft.add("结婚的；", articles, 1)
            draft.add("生病的。", articles, 1)
            draft.add("", articles, 1)
            draft.document.add_paragraph("不在清单里的一段。")
    assert draft.texts() == [
        "第一条 为了规范休假。",
        "第二条 有下列情形之一的，可以休假：",
        "（一）结婚的；",
        "（二）生病的。",
        "不在清单里的一段。",
        "第三条 本办法施行。",
    ]


def test_such_articles_are_cited_as_articles(page):
    draft = Draft()
    articles = draft.list(("chineseCountingThousand", "第%1条"))
    for text in ("为了规范休假。", "职工每年休假五天。", "本办法自发布之日起施行。"):
        draft.add(text, articles)
    file = io.BytesIO()
    draft.document.save(file)
    passage = page(file.getvalue(), "办法.docx").holding("休假五天")
    assert passage.text == "第二条 职工每年休假五天。"
    assert passage.section[-1] == "第二条"


def test_levels_are_counted_within_each_other_and_headings_by_their_style():
    draft = Draft()
    levels = [("decimal", "%1"), ("decimal", "%1.%2"), ("decimal", "%1.%2.%3")]
    chapters = draft.list(*levels)
    for n in (1, 2):
        style = draft.document.styles[f"Heading {n}"]
        number_of(style.element, chapters, n - 1)
    for level, text in ((1, "总则"), (2, "目的"), (2, "范围"), (1, "休假"), (2, "年假")):
        draft.document.add_heading(text, level)
    draft.add("三级", chapters, 2)
    assert draft.texts() == ["1 总则", "1.1 目的", "1.2 范围", "2 休假", "2.1 年假", "2.1.1 三级"]


def test_a_level_that_is_tied_to_a_style_is_found_by_it():
    draft = Draft()
    chapters = draft.list(
        ("chineseCounting", "第%1章"), more='<w:pStyle w:val="Heading1"/><w:suff w:val="nothing"/>'
    )
    style = draft.document.styles["Heading 1"].element
    number_of(style, chapters)
    style.pPr.find(qn("w:numPr")).remove(style.pPr.find(f"{qn('w:numPr')}/{qn('w:ilvl')}"))
    draft.document.add_heading("总则", 1)
    draft.document.add_heading("附则", 1)
    assert draft.texts() == ["第一章总则", "第二章附则"]


def test_two_uses_of_a_list_count_on_unless_one_starts_anew():
    draft = Draft()
    first = draft.list(("decimal", "%1、"))
    second = draft.use(first - 1)
    third = draft.use(
        first - 1, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    )
    for number in (first, second, third, third, first):
        draft.add("项", number)
    assert draft.texts() == ["1、项", "2、项", "5、项", "6、项", "7、项"]


def test_numbers_are_chinese_only_where_the_level_does_not_ask_for_digits():
    draft = Draft()
    number = draft.list(("chineseCounting", "第%1章"), ("decimal", "%1.%2"), more="<w:isLgl/>")
    draft.add("总则", number)
    draft.add("目的", number, 1)
    assert draft.texts() == ["第1章 总则", "1.1 目的"]


def test_bullets_paragraphs_without_a_list_and_lists_that_are_missing_have_no_number():
    draft = Draft()
    draft.add("点", draft.list(("bullet", "●")))
    draft.add("无", 0)
    draft.add("缺", 9999)
    draft.document.add_paragraph("点", style="List Bullet")
    assert draft.texts() == ["点", "无", "缺", "点"]


def test_numbers_in_tables_and_boxes_are_counted_in_the_order_of_the_document():
    draft = Draft()
    number = draft.list(("decimal", "%1."))
    table = draft.document.add_table(rows=2, cols=2)
    for row, text in zip(table.rows, ("住院", "生育"), strict=True):
        number_of(row.cells[0].paragraphs[0]._p, number)
        row.cells[0].paragraphs[0].add_run(text)
        row.cells[1].text = "100元"
    draft.add("以上", number)
    assert draft.texts() == ["1. 住院 ｜ 100元", "2. 生育 ｜ 100元", "3. 以上"]


@pytest.mark.parametrize(
    ("format", "numbers"),
    [
        ("decimal", {1: "1", 120: "120"}),
        ("chineseCounting", {1: "一", 10: "十", 11: "十一", 20: "二十", 35: "三十五"}),
        (
            "chineseCountingThousand",
            {100: "一百", 101: "一百零一", 110: "一百一十", 1001: "一千零一"},
        ),
        ("ideographDigital", {10: "一〇", 23: "二三"}),
        ("ideographTraditional", {1: "甲", 10: "癸", 11: "11"}),
        ("decimalEnclosedCircleChinese", {1: "①", 20: "⑳", 21: "21"}),
        ("upperRoman", {4: "IV", 9: "IX", 1994: "MCMXCIV"}),
        ("lowerLetter", {1: "a", 26: "z", 27: "aa", 28: "bb"}),
        ("upperLetter", {2: "B"}),
        ("decimalZero", {7: "07", 12: "12"}),
        ("decimalFullWidth", {12: "１２"}),
        ("none", {3: ""}),
        ("hindiVowels", {3: "3"}),
    ],
)
def test_numbers_are_written_as_word_writes_them(format, numbers):
    assert {number: written(number, format) for number in numbers} == numbers
