"""Tables of text and of Excel: a row is a passage, whatever quotes and columns it has."""

from __future__ import annotations

import csv
import datetime
import io
from itertools import pairwise

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles import Font

from retrieval.blocks import Role, join
from retrieval.readers import csv as csv_reader
from retrieval.readers import xlsx
from retrieval.readers.tables import as_line, is_header, is_sure_header


def read_csv(text: str):
    return csv_reader.read(text.encode())


def shown(reading) -> list[str]:
    return [join(reading.text, block.spans) for block in reading.blocks]


def check_blocks(reading) -> None:
    for block in reading.blocks:
        assert block.spans
        assert all(0 <= a < b <= len(reading.text) for a, b in block.spans)
        assert all(a[1] <= b[0] for a, b in pairwise(block.spans))
    firsts = [block.spans[0][0] for block in reading.blocks]
    assert firsts == sorted(firsts)


def test_a_row_is_a_block_and_the_header_a_notice():
    reading = read_csv("问题,答案\n年假有几天？,五天。\n病假要证明吗？,要。\n")
    assert not reading.extracted
    assert shown(reading) == ["问题,答案", "年假有几天？\n五天。", "病假要证明吗？\n要。"]
    assert [block.role for block in reading.blocks] == [Role.NOTICE, Role.BODY, Role.BODY]
    assert [block.place.first for block in reading.blocks] == [1, 2, 3]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_told_from_the_rows(delimiter):
    rows = [["地区", "甲类", "乙类"], ["海陵区", "100", "200"], ["姜堰区", "90,5", "210"]]
    if delimiter == ",":
        rows[2][1] = "90"
    reading = read_csv("\n".join(delimiter.join(row) for row in rows))
    assert shown(reading)[1] == delimiter.join(rows[1])
    assert reading.blocks[0].role is Role.NOTICE


def test_lines_with_a_comma_here_and_there_are_one_value_each():
    reading = read_csv("第一句, 有逗号\n第二句没有\n第三, 句有, 两个\n")
    assert shown(reading) == ["第一句, 有逗号", "第二句没有", "第三, 句有, 两个"]


def test_quotation_marks_around_a_value_are_left_out():
    reading = read_csv('"海陵区","他说""好""","两\n行"\r\n"姜堰区","不, 行",一\r\n')
    assert shown(reading) == ['海陵区,他说"好" ,两\n行', "姜堰区,不, 行,一"]
    assert [(b.place.first, b.place.last) for b in reading.blocks] == [(1, 2), (3, 3)]


def test_a_mark_that_is_never_closed_swallows_nothing():
    assert shown(read_csv('"甲,1\n乙,2\n丙,3\n')) == ['"甲,1', "乙,2", "丙,3"]


def test_empty_fields_and_rows_are_left_out():
    assert shown(read_csv("甲,,3\n,,\n\n ,乙,4\n")) == ["甲, 3", "乙,4"]
    assert read_csv(",,\n").blocks == ()
    assert read_csv("").blocks == ()


def test_data_without_column_names_is_no_header():
    reading = read_csv("苹果,红色\n香蕉,黄色\n")
    assert [block.role for block in reading.blocks] == [Role.BODY, Role.BODY]


cells = st.text(st.sampled_from('甲乙a1.？", ;\t\n\r'), max_size=6)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=6))
def test_rows_are_those_that_the_csv_module_reads(rows):
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(rows)
    text = written.getvalue()
    fields = [
        ["".join(text[a:b] for a, b in field.value) for field in row]
        for row in csv_reader._rows(text, ",")
    ]
    stripped = [[cell.strip() for cell in row] for row in rows]
    assert fields == [row for row in stripped if any(row)]


@given(st.text(st.sampled_from('甲乙a1.？", ;\t\n\r\u3000'), max_size=60))
def test_any_text_is_a_table_of_slices_in_order(text):
    reading = read_csv(text)
    check_blocks(reading)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    for block in reading.blocks:
        assert 1 <= block.place.first <= block.place.last <= lines.count("\n") + 1


def test_the_rows_below_a_header_are_labelled_with_it(page):
    read = page("门店,店长,电话\n东店,吴强,0512-1\n西店,孙丽,025-5\n", "stores.csv")
    assert [(p.role, p.section, p.text) for p in read.passages] == [
        (Role.NOTICE, (), "门店,店长,电话"),
        (Role.BODY, ("门店 ｜ 店长 ｜ 电话",), "东店,吴强,0512-1"),
        (Role.BODY, ("门店 ｜ 店长 ｜ 电话",), "西店,孙丽,025-5"),
    ]


def test_a_question_in_the_words_of_a_header_is_answered_from_a_row(tmp_path, open_library):
    rows = "门店,店长,电话\n武林店,周晓燕,0571-81110001\n观前店,吴志强,0512-62220002\n"
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "门店.csv").write_text(rows, "utf-8")
    library = open_library(资料=tmp_path / "docs")
    library.refresh()
    answer = library.ask("吴志强的电话是多少？")
    assert answer.quotes[0].text == "观前店,吴志强,0512-62220002"


def test_too_many_columns_label_no_row(page):
    names = ",".join(f"{'很长的名称' * 3}{letter}" for letter in "甲乙丙丁戊己庚辛壬癸子丑寅")
    values = ",".join("1" * 13)
    read = page(f"姓名,工资,{names}\n张三,5,{values}\n", "wide.csv")
    assert [p.section for p in read.passages] == [(), ()]


def test_every_passage_of_a_table_is_verbatim(page):
    read = page('问题,答案\r\n"年假""几""天？",' + "长答案。" * 400 + "\r\n", "faq.csv")
    for passage in read.passages:
        assert passage.text == join(read.text, passage.spans)
    assert len(read.passages) > 2


@pytest.mark.parametrize(
    ("cells", "header"),
    [
        (["问题", "答案"], True),
        (["地区", "2023", "2024"], True),
        (["2023", "2024"], False),
        (["问题"], False),
        (["甲", "甲"], False),
        (["海陵区", "100"], False),
        (["姓名：", "张三"], False),
        (["这是一个很长很长很长很长很长很长很长很长很长的单元格", "乙"], False),
    ],
)
def test_a_header_is_short_distinct_words(cells, header):
    assert is_header(cells) is header


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ([["序号", "项目", "说明"], ["1", "甲", "乙"]], True),
        ([["金额（元）", "备注"], ["1", "甲"]], True),
        ([["地区", "甲类", "乙类"], ["东", "1", "2"], ["西", "3", "4"]], True),
        ([["姓名", "张三", "性别", "男"], ["电话", "138", "邮箱", "a@b"]], False),
        ([["苹果", "红色"], ["香蕉", "黄色"]], False),
        ([["问题", "答案"]], False),
        ([["编号", "品名", "单价"], ["1", "茶", "5"]], True),
        ([["姓名", "工资"], ["张三", "5000"], ["李四", "6000"]], True),
        ([["门店", "地址", "经办"], ["东店", "东街12号", "甲"], ["西店", "西街8号", "乙"]], True),
        (
            [["假种", "天数", "审批人"], ["婚假", "10天", "部门负责人"], ["丧假", "3天", "主管"]],
            True,
        ),
        ([["姓名", "张三"], ["年龄", "30"], ["电话", "138"]], False),
        (
            [
                ["姓名", "张三", "性别", "男"],
                ["生日", "1990", "民族", "汉"],
                ["工龄", "5", "籍贯", "苏"],
            ],
            False,
        ),
    ],
)
def test_a_form_is_no_table_with_a_header(rows, header):
    assert is_sure_header(rows) is header


def test_a_row_says_which_column_each_cell_is_of():
    assert as_line(["年假？", "五天", "", "丙"], ["问题", "答案", "丁"]) == (
        "问题：年假？\n答案：五天；丙"
    )
    assert as_line(["甲", "", "乙"]) == "甲 ｜ 乙"


def read_book(*sheets: list[list], change=lambda book: None):
    """Read a workbook with these sheets; `change` may do more to it."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(row)
    change(book)
    file = io.BytesIO()
    book.save(file)
    reading = xlsx.read(file.getvalue())
    check_blocks(reading)
    assert reading.extracted
    assert reading.text == "\n".join(shown(reading))
    return reading


def test_a_row_of_excel_names_its_columns():
    reading = read_book([["问题", "答案"], ["年假有几天？", "五天。"], [], ["婚假", "十天"]])
    assert shown(reading) == ["问题：年假有几天？\n答案：五天。", "问题：婚假；答案：十天"]
    assert [block.place.as_json() for block in reading.blocks] == [{"row": 2}, {"row": 4}]


def test_the_names_of_several_sheets_are_headings_and_hidden_sheets_are_left_out():
    def hide(book):
        book["表3"].sheet_state = "hidden"

    reading = read_book([["甲"]], [["乙"]], [["丙"]], change=hide)
    assert shown(reading) == ["表1", "甲", "表2", "乙"]
    assert [block.level for block in reading.blocks] == [2, 0, 2, 0]
    assert shown(read_book([["甲"]])) == ["甲"]
    assert shown(read_book([["甲"]], [])) == ["表1", "甲"]


def test_numbers_and_dates_are_as_the_sheet_shows_them():
    values = {
        3.0: "3",
        2.5: "2.5",
        0.1 + 0.2: "0.3",
        1e20: "100000000000000000000",
        True: "TRUE",
        datetime.datetime(2024, 3, 5): "2024-03-05",
        datetime.date(2024, 3, 6): "2024-03-06",
        datetime.datetime(2024, 3, 5, 8, 30): "2024-03-05 08:30",
        datetime.time(9, 5): "09:05",
        "甲_x000D_\n乙": "甲\n乙",
        "#DIV/0!": "",
    }
    looks = {(12.5, "0.00"): "12.50", (0.15, "0%"): "15%", (123, "000000"): "000123"}
    looks |= {(1200, "#,##0"): "1200", (0.155, "0.0%"): "15.5%", (3.4, "0"): "3"}

    def form(book):
        for row, (value, look) in enumerate(looks, 1):
            cell = book["表2"].cell(row, 1, value)
            cell.number_format = look

    reading = read_book([["x", value] for value in values], [], change=form)
    expected = ["x ｜ " + text if text else "x" for text in values.values()]
    assert shown(reading) == ["表1", *expected, "表2", *looks.values()]


def test_what_stands_above_a_table_is_its_heading():
    reading = read_book(
        [["慰问金标准"], [], ["地区", "类别", "金额"], ["东", "甲", 1], ["西", "乙", 2]]
    )
    assert shown(reading)[:2] == ["慰问金标准", "地区：东；类别：甲；金额：1"]
    assert reading.blocks[0].level == 3


def test_a_form_in_excel_keeps_its_pairs_but_bold_names_make_a_table():
    rows = [["姓名", "张三"], ["性别", "男"]]
    assert shown(read_book(rows)) == ["姓名 ｜ 张三", "性别 ｜ 男"]

    def mark(book):
        for cell in book["表1"][1]:
            cell.font = Font(bold=True)

    assert shown(read_book([["员工", "工号"], ["张三", "A1"]], change=mark)) == [
        "员工：张三；工号：A1"
    ]


def test_a_cell_over_several_rows_counts_for_each_of_them_but_not_one_of_the_header():
    def merge(book):
        for cells in ("A1:A2", "A3:A4", "C3:C5", "D3:E4", "A6:B6"):
            book["表1"].merge_cells(cells)

    rows = [
        ["地区", "类别", "标准", "备注", ""],
        [None, "甲类", "乙类", "丙类", ""],
        ["东港", "住院", "一百元", "全年两次", ""],
        [None, "生育", None, None, ""],
        ["西港", "住院", None, "不限", ""],
        ["合计", None, "三百元"],
    ]
    assert shown(read_book(rows, change=merge))[1:] == [
        "地区：东港；类别：住院；标准：一百元；备注：全年两次",
        "地区：东港；类别：生育；标准：一百元；备注：全年两次",
        "地区：西港；类别：住院；标准：一百元；备注：不限",
        "地区：合计；标准：三百元",
    ]


def test_an_empty_workbook_has_no_blocks():
    assert read_book([]).blocks == ()


def test_a_far_away_cell_is_no_trouble():
    def far(book):
        book["表1"]["XFD20000"] = "远"

    assert shown(read_book([["近"]], change=far)) == ["近", "远"]
