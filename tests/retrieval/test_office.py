"""Word, PowerPoint and Excel: what is in them is read in order, what is wrong is one sentence."""

from __future__ import annotations

import io
import zipfile
from itertools import pairwise

import docx
import openpyxl
import pptx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.parser import parse_xml
from pptx.opc.package import Part as SlidePart
from pptx.opc.packuri import PackURI as SlidePackURI
from pptx.oxml import parse_xml as parse_pptx
from pptx.util import Inches

from retrieval.answers import Verdict
from retrieval.blocks import NotReadable, Role, join
from retrieval.proof import Record, Standing
from retrieval.readers import READERS

D = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
POINT = "<d:pt><d:t><a:p><a:r><a:t>{}</a:t></a:r><a:r><a:t>{}</a:t></a:r></a:p></d:t></d:pt>"
DIAGRAM = (
    f'<d:dataModel xmlns:d="{D}" xmlns:a="{A}"><d:ptLst><d:pt type="doc"/>'
    f"{POINT.format('提交', '申请')}{POINT.format('工会', '审核')}</d:ptLst></d:dataModel>"
)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def saved(document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def read(document, suffix: str):
    reading = READERS[suffix](document if isinstance(document, bytes) else saved(document))
    check_extracted(reading)
    return reading


def check_extracted(reading) -> None:
    """Assert that the blocks are slices of the text, in order, and nothing is between them."""
    spans = [span for block in reading.blocks for span in block.spans]
    assert all(0 <= a < b <= len(reading.text) for a, b in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert "\n".join(reading.text[a:b] for a, b in spans) == reading.text
    assert reading.extracted


def shown(reading) -> list[str]:
    return [join(reading.text, block.spans) for block in reading.blocks]


def add_table(document, rows):
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    return table


def handbook():
    document = docx.Document()
    document.add_heading("员工手册", 0)
    document.add_heading("第一章 假期", 1)
    document.add_paragraph("年假五天，须提前三天申请。")
    add_table(document, [["问题", "答案"], ["婚假几天？", "十天。"]])
    document.add_paragraph("病假要证明", style="List Bullet")
    document.add_heading("事假", 2)
    document.add_paragraph("图1 请假流程", style="Caption")
    return document


def deck():
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "慰问金办法"
    slide.placeholders[1].text = "住院每次一百元\n全年两次"
    slide.notes_slide.notes_text_frame.text = "提醒大家带发票"
    return presentation


def book():
    workbook = openpyxl.Workbook()
    for row in (["问题", "答案"], ["图书馆几点开门？", "早上九点开门，周二休息。"]):
        workbook.active.append(row)
    return workbook


MADE = {".docx": handbook, ".pptx": deck, ".xlsx": book}


# --- Word ---------------------------------------------------------------------------------------


def test_paragraphs_and_tables_come_in_the_order_of_the_document():
    reading = read(handbook(), ".docx")
    blocks = zip(reading.blocks, shown(reading), strict=True)
    assert [(block.level, block.role, text) for block, text in blocks] == [
        (1, Role.HEADING, "员工手册"),
        (2, Role.HEADING, "第一章 假期"),
        (0, Role.BODY, "年假五天，须提前三天申请。"),
        (0, Role.BODY, "问题：婚假几天？\n答案：十天。"),
        (0, Role.BODY, "病假要证明"),
        (3, Role.HEADING, "事假"),
        (0, Role.CAPTION, "图1 请假流程"),
    ]
    assert reading.title == "员工手册"
    assert [block.place.as_json() for block in reading.blocks][:2] == [{"part": 1}, {"part": 2}]


def test_the_title_is_the_documents_own_field_where_no_paragraph_has_its_style():
    document = docx.Document()
    document.add_paragraph("正文。")
    assert read(document, ".docx").title == ""
    document.core_properties.title = " 请假\n制度 "
    assert read(document, ".docx").title == "请假 制度"


def test_one_chapter_heading_is_the_title_and_several_are_sections():
    document = docx.Document()
    document.add_heading("总则", 1)
    document.add_paragraph("正文。")
    assert [block.level for block in read(document, ".docx").blocks] == [1, 0]
    document.add_heading("附则", 1)
    assert [block.level for block in read(document, ".docx").blocks] == [2, 0, 2]


def test_chinese_styles_and_styles_built_on_headings_are_headings():
    document = docx.Document()
    for name, base in (("标题 2", None), ("我的标题", "Heading 3"), ("题注", None)):
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles[base] if base else None
        document.add_paragraph(name, style=name)
    reading = read(document, ".docx")
    assert [(block.level, block.role) for block in reading.blocks] == [
        (2, Role.HEADING),
        (3, Role.HEADING),
        (0, Role.CAPTION),
    ]


def test_what_a_tracked_change_deleted_is_no_text_and_what_it_inserted_is():
    document = docx.Document()
    paragraph = document.add_paragraph("年假")
    for xml in (
        f"<w:del {W}><w:r><w:delText>三</w:delText></w:r></w:del>",
        f"<w:ins {W}><w:r><w:t>五</w:t></w:r></w:ins>",
        f"<w:r {W}><w:t>天</w:t><w:br/><w:t>病假</w:t><w:tab/><w:t>十天</w:t></w:r>",
    ):
        paragraph._p.append(parse_xml(xml))
    assert shown(read(document, ".docx")) == ["年假五天\n病假\t十天"]


def test_text_in_boxes_and_controls_is_read_once():
    document = docx.Document()
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    box = "<w:txbxContent><w:p><w:r><w:t>框里</w:t></w:r></w:p></w:txbxContent>"
    document.add_paragraph("框外")._p.append(
        parse_xml(
            f"<w:r {W} {mc}><mc:AlternateContent><mc:Choice>{box}</mc:Choice>"
            f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
        )
    )
    document.element.body.insert(
        0,
        parse_xml(
            f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>控件</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        ),
    )
    assert shown(read(document, ".docx")) == ["控件", "框外", "框里"]


def test_merged_cells_are_read_once_and_a_form_keeps_its_pairs():
    document = docx.Document()
    table = add_table(document, [["姓名", "张三", "性别", "男"], ["地址", "东街", "", ""]])
    table.cell(1, 1).merge(table.cell(1, 3))
    assert shown(read(document, ".docx")) == ["姓名 ｜ 张三 ｜ 性别 ｜ 男", "地址 ｜ 东街"]


def test_cells_keep_to_their_columns_beside_merged_ones():
    document = docx.Document()
    rows = [["序号", "项目", "金额"], ["合计", "", "300"], ["1", "住院", "100"]]
    table = add_table(document, rows)
    table.cell(1, 0).merge(table.cell(1, 1))
    assert shown(read(document, ".docx")) == [
        "序号：合计；金额：300",
        "序号：1；项目：住院；金额：100",
    ]


def test_a_cell_over_several_rows_counts_for_each_of_them():
    document = docx.Document()
    rows = [["序号", "项目", "标准"], ["1", "住院", "100"], ["2", "生育", ""], ["3", "结婚", "200"]]
    table = add_table(document, rows)
    table.cell(1, 2).merge(table.cell(2, 2))
    assert shown(read(document, ".docx")) == [
        "序号：1；项目：住院；标准：100",
        "序号：2；项目：生育；标准：100",
        "序号：3；项目：结婚；标准：200",
    ]


def test_a_table_behind_the_last_clause_is_no_part_of_it_and_each_row_is_a_passage(page):
    document = docx.Document()
    for number, text in zip(
        "一二三", ["适用全体。", "假期见下表。", "自今日起施行。"], strict=True
    ):
        document.add_paragraph(f"第{number}条 {text}")
    add_table(document, [["婚假", "十天", "主管"], ["丧假", "三天", "主管"]])
    document.add_paragraph("联系人：赵敏")
    document.add_paragraph("海港集团工会")
    document.add_paragraph("2024年5月28日")
    assert page(saved(document), "办法.docx").texts()[2:] == [
        "第三条 自今日起施行。",
        "婚假 ｜ 十天 ｜ 主管",
        "丧假 ｜ 三天 ｜ 主管",
        "联系人：赵敏",
        "海港集团工会",
        "2024年5月28日",
    ]


def test_bold_names_make_a_header():
    document = docx.Document()
    table = add_table(document, [["员工", "工号"], ["张三", "A1"]])
    for cell in table.rows[0].cells:
        cell.paragraphs[0].runs[0].bold = True
    assert shown(read(document, ".docx")) == ["员工：张三；工号：A1"]


def test_headers_and_footers_are_left_out():
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "页眉"
    document.sections[0].footer.paragraphs[0].text = "页脚"
    document.add_paragraph("正文")
    assert shown(read(document, ".docx")) == ["正文"]


def test_footnotes_and_endnotes_come_last_without_the_line_above_them():
    document = docx.Document()
    document.add_paragraph("正文")
    for where, text in (("end", "尾注一"), ("foot", "脚注一")):
        notes = (
            f'<w:{where}notes {W}><w:{where}note w:type="separator"><w:p/></w:{where}note>'
            f"<w:{where}note><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:{where}note>"
            f"</w:{where}notes>"
        )
        kind = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{where}notes+xml"
        uri = PackURI(f"/word/{where}notes.xml")
        part = Part(uri, kind, notes.encode(), document.part.package)
        relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        document.part.relate_to(part, f"{relations}/{where}notes")
    assert shown(read(document, ".docx")) == ["正文", "脚注一", "尾注一"]


def test_a_document_without_text_has_no_blocks():
    assert read(docx.Document(), ".docx").blocks == ()


# --- PowerPoint ---------------------------------------------------------------------------------


def test_a_slide_is_its_title_its_paragraphs_and_its_notes():
    reading = read(deck(), ".pptx")
    assert shown(reading) == ["慰问金办法", "住院每次一百元", "全年两次", "提醒大家带发票"]
    assert [block.level for block in reading.blocks] == [2, 0, 0, 0]
    assert {block.place.as_json()["slide"] for block in reading.blocks} == {1}
    assert reading.title == "慰问金办法"


def test_shapes_are_read_from_top_to_bottom_then_left_to_right_groups_too():
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])

    def box(shapes, text, left, top):
        frame = shapes.add_textbox(Inches(left), Inches(top), Inches(1), Inches(1)).text_frame
        frame.text = text

    box(slide.shapes, "四", 1, 5)
    box(slide.shapes, "二", 4, 1)
    group = slide.shapes.add_group_shape()
    box(group.shapes, "三下", 1, 4)
    box(group.shapes, "三上", 1, 3)
    box(slide.shapes, "一", 1, 1.1)
    assert shown(read(presentation, ".pptx")) == ["一", "二", "三上", "三下", "四"]


def test_a_table_on_a_slide_is_read_by_row_and_hidden_slides_are_left_out():
    presentation = pptx.Presentation()
    for _ in range(2):
        slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        frame = slide.shapes.add_table(2, 2, Inches(1), Inches(1), Inches(4), Inches(2))
        for at, text in enumerate(["地区", "标准", "海陵", "100元"]):
            frame.table.cell(at // 2, at % 2).text = text
    presentation.slides[0].element.set("show", "0")
    reading = read(presentation, ".pptx")
    assert shown(reading) == ["地区：海陵；标准：100元"]
    assert reading.blocks[0].place.as_json() == {"slide": 2}


def test_the_points_of_a_diagram_are_read():
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    frame = slide.shapes.add_table(1, 2, Inches(1), Inches(1), Inches(4), Inches(2))
    kind = "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml"
    part = SlidePart(
        SlidePackURI("/ppt/diagrams/data1.xml"), kind, slide.part.package, DIAGRAM.encode()
    )
    data = frame.element.graphic.graphicData
    data.remove(data.tbl)
    data.set("uri", D)
    points = slide.part.relate_to(part, f"{R}/diagramData")
    data.append(parse_pptx(f'<d:relIds xmlns:d="{D}" xmlns:r="{R}" r:dm="{points}"/>'))
    assert shown(read(presentation, ".pptx")) == ["提交申请", "工会审核"]


# --- what is wrong with files -------------------------------------------------------------------


def zipped(entries: dict[str, bytes], base: bytes = b"") -> bytes:
    file = io.BytesIO(base)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@pytest.mark.parametrize("suffix", MADE)
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is not a"),
        (b"plain text", "is not a"),
        (b"PK\x03\x04", "is not a"),
        (OLE, "is an old Office file"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "is protected with a password"),
        (zipped({"readme.txt": b"x"}), "is not a"),
        (zipped({"bomb.xml": bytes(30_000_000)}), "unpacks to"),
        (zipped({f"{i}.png": bytes(70_000_000) for i in range(3)}), "unpacks to more than 200 MB"),
        (zipped({"word/document.xml": bytes(90_000_000)}), "holds more than 80 MB of marked-up"),
    ],
    ids=["empty", "text", "header", "old", "encrypted", "zip", "ratio", "huge", "tree"],
)
def test_what_is_no_office_file_is_refused_with_one_sentence(suffix, data, reason):
    with pytest.raises(NotReadable) as refused:
        READERS[suffix](data)
    assert str(refused.value).startswith(reason)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("suffix", MADE)
def test_an_office_file_of_another_kind_is_refused(suffix):
    for other, make in MADE.items():
        if other != suffix:
            with pytest.raises(NotReadable):
                READERS[suffix](saved(make()))


# --- end to end ---------------------------------------------------------------------------------


def test_office_files_in_a_folder_are_quoted_with_their_places(tmp_path, open_library):
    folder = tmp_path / "papers"
    folder.mkdir()
    for suffix, make in MADE.items():
        make().save(folder / f"文件{suffix}")
    library = open_library(资料=folder)
    assert library.refresh().problems == ()
    for question, words, place in (
        ("年假须提前几天申请？", "年假五天，须提前三天申请。", {"part": 3}),
        ("图书馆几点开门？", "早上九点开门", {"row": 2}),
        ("住院每次多少元？", "住院每次一百元", {"slide": 1}),
    ):
        answer = library.ask(question)
        assert answer.verdict is not Verdict.NONE
        quote = answer.quotes[0]
        assert words in quote.text
        assert quote.citation.place.as_json() == place
        assert library.verify(Record.of(quote)).standing is Standing.SAME
