"""PDF: lines, columns, pages and headings, from files that are made here."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from retrieval.blocks import NotReadable, Reading, join
from retrieval.proof import Record, Standing
from retrieval.readers.pdf import read

SONG = "STSong-Light"  # a font that every reader of PDF has: no font file is needed
pdfmetrics.registerFont(UnicodeCIDFont(SONG))

LEAVE = (
    "职工每人每年可以享受带薪年休假十五天，工作满二十年的职工可以再增加五天，"
    "具体日期由所在科室安排，并于每年一月底以前报人事部门备案，逾期没有备案的按自动放弃处理。"
)
HOSPITAL = (
    "职工因病住院的，工会派人慰问并发给慰问金，每人每次500元，同一病因一年内以两次为限，"
    "慰问金由经办人凭出院小结到工会财务领取，领取时应当出示本人身份证和工作证。"
)
LATIN = (
    "Every member of staff may borrow up to twelve books from the reading room for a period "
    "of four weeks, which can be extended twice unless another reader has asked for them."
)


class Sheet:
    """A PDF in the making: text is set from the top downwards."""

    def __init__(self, **options: object) -> None:
        self.data = io.BytesIO()
        self.canvas = Canvas(self.data, pagesize=(420, 600), **options)
        self.y = 540.0

    def line(self, text: str, x: float = 60, size: float = 10, y: float = 0, font: str = SONG):
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, y or self.y, text)
        self.y -= 0 if y else 1.5 * size

    def paragraph(self, text: str, x: float = 60, width: int = 30, indent: bool = True):
        """Set Chinese text, `width` characters to a line."""
        text = "\u3000\u3000" * indent + text
        for at in range(0, len(text), width):
            piece = text[at : at + width].replace("\u3000", "")
            self.line(piece, x + 20 * (indent and at == 0))

    def page(self):
        self.canvas.showPage()
        self.y = 540.0

    def done(self) -> bytes:
        self.canvas.save()
        return self.data.getvalue()


def made(draw: Callable[[Sheet], None], **options: object) -> bytes:
    sheet = Sheet(**options)
    draw(sheet)
    return sheet.done()


def blocks(reading: Reading) -> list[str]:
    return [join(reading.text, block.spans) for block in reading.blocks]


def draw_handbook(sheet: Sheet) -> None:
    """Three pages with running heads; a paragraph runs from the second to the third."""
    for number in (1, 2, 3):
        sheet.line("海港区总工会职工手册", y=570, size=8)
        sheet.line(f"第 {number} 页", x=200, y=30, size=8)
        if number == 1:
            sheet.line("职工手册", x=150, size=22)
            sheet.line("第一章 休假", size=14)
            sheet.paragraph(LEAVE)
            sheet.line("第二章 慰问", size=14)
            sheet.line("一、住院慰问", size=10)
            sheet.paragraph(HOSPITAL)
        elif number == 2:
            sheet.paragraph("阅览室周一至周五开放。")
            sheet.y = 90
            sheet.paragraph(LEAVE[:58])
        else:
            sheet.paragraph(LEAVE[58:], indent=False)
            sheet.paragraph("本手册自发布之日起施行。")
        sheet.page()


def draw_columns(sheet: Sheet) -> None:
    """A heading over two columns; the rows of both stand at the same heights."""
    sheet.line("工会工作简报第三期", x=110, size=20)
    top = sheet.y
    sheet.paragraph(LEAVE + HOSPITAL, width=14)
    sheet.y = top
    sheet.paragraph(HOSPITAL + LEAVE, x=220, width=14)


@pytest.fixture(scope="module")
def handbook() -> bytes:
    return made(draw_handbook)


def test_wrapped_lines_are_paragraphs():
    def draw(sheet: Sheet) -> None:
        sheet.paragraph(LEAVE)
        sheet.paragraph(HOSPITAL)

    reading = read(made(draw))
    assert blocks(reading) == [LEAVE, HOSPITAL]
    assert reading.extracted
    assert not reading.raw


def test_paragraphs_without_indents_end_where_there_was_room():
    def draw(sheet: Sheet) -> None:
        sheet.paragraph("以下事项请注意。", indent=False)
        sheet.paragraph(LEAVE, indent=False)
        sheet.paragraph(HOSPITAL, indent=False)

    assert blocks(read(made(draw))) == ["以下事项请注意。", LEAVE, HOSPITAL]


def test_a_numbered_heading_ends_a_paragraph_that_fills_its_line():
    def draw(sheet: Sheet) -> None:
        sheet.paragraph(LEAVE[:29] + "。", indent=False)
        sheet.line("1.1 适用范围")
        sheet.paragraph(HOSPITAL, indent=False)

    reading = read(made(draw))
    assert blocks(reading) == [LEAVE[:29] + "。", "1.1 适用范围", HOSPITAL]
    assert [block.level for block in reading.blocks] == [0, 2, 0]


def test_a_page_count_that_is_made_up_costs_no_time():
    data = made(draw_handbook, pageCompression=0).replace(b"/Count 3", b"/Count 999999")
    assert LEAVE in blocks(read(data))


def test_latin_words_keep_their_spaces_and_hyphens():
    def draw(sheet: Sheet) -> None:
        words, line = LATIN.replace("reading room", "read- ing room").split(), ""
        for word in words:
            if len(line) + len(word) > 48 or line.endswith("read-"):
                sheet.line(line, font="Helvetica")
                line = ""
            line += (" " if line else "") + word
        sheet.line(line, font="Helvetica")
        sheet.line("Café rules follow below.", font="Helvetica")

    first, second = blocks(read(made(draw)))
    assert first == LATIN.replace("reading", "read-ing")
    assert second == "Café rules follow below."


def test_columns_are_read_one_after_the_other():
    reading = read(made(draw_columns))
    assert blocks(reading) == ["工会工作简报第三期", LEAVE + HOSPITAL, HOSPITAL + LEAVE]
    assert [block.level for block in reading.blocks] == [1, 0, 0]


def test_three_columns_are_too():
    def draw(sheet: Sheet) -> None:
        for x, text in ((30, LEAVE), (155, HOSPITAL), (280, LEAVE[::-1])):
            sheet.y = 540
            sheet.paragraph(text, x=x, width=11)

    text = "".join(blocks(read(made(draw))))
    assert text == LEAVE + HOSPITAL + LEAVE[::-1]


def test_a_sentence_goes_on_in_the_next_column():
    def draw(sheet: Sheet) -> None:
        sheet.paragraph(LEAVE[:68], width=14)
        sheet.y = 540
        sheet.paragraph(LEAVE[68:] + HOSPITAL, x=220, width=14, indent=False)

    assert blocks(read(made(draw))) == [LEAVE + HOSPITAL]


def test_a_short_column_on_the_last_page_is_one_too():
    def draw(sheet: Sheet) -> None:
        draw_columns(sheet)
        sheet.page()
        sheet.paragraph(LEAVE, width=14)
        sheet.y = 540
        sheet.paragraph("本期责任编辑共有三人，联系电话见封底。", x=220, width=14)

    assert blocks(read(made(draw)))[3:] == [LEAVE, "本期责任编辑共有三人，联系电话见封底。"]


def test_a_paragraph_goes_on_after_a_note_at_the_foot_of_its_page():
    def draw(sheet: Sheet) -> None:
        sheet.paragraph(HOSPITAL)
        sheet.paragraph(LEAVE[:58])
        sheet.line("① 带薪年休假的规定自去年起施行。", size=7, y=60)
        sheet.page()
        sheet.paragraph(LEAVE[58:], indent=False)

    assert blocks(read(made(draw))) == [HOSPITAL, LEAVE, "① 带薪年休假的规定自去年起施行。"]


def test_the_rows_of_a_table_stay_rows():
    def draw(sheet: Sheet) -> None:
        for name, amount in zip(
            "住院 生育 结婚 退休 丧葬".split(), range(100, 600, 100), strict=True
        ):
            sheet.line(f"{amount}元", x=200, y=sheet.y)
            sheet.line(name)

    rows = blocks(read(made(draw)))
    assert rows == ["住院 100元", "生育 200元", "结婚 300元", "退休 400元", "丧葬 500元"]


def test_the_rows_of_a_table_behind_the_last_clause_are_no_part_of_it(page):
    def draw(sheet: Sheet) -> None:
        sheet.line("海港公司考勤管理办法", x=150)
        for number in "一二三":
            sheet.paragraph(f"第{number}条 {HOSPITAL}")
        for kind, days in {"婚假": "十天", "丧假": "三天"}.items():
            sheet.line(days, x=200, y=sheet.y)
            sheet.line(kind)

    read_pdf = page(made(draw), "rules.pdf")
    assert read_pdf.content.documents[0].title == "海港公司考勤管理办法"
    assert read_pdf.texts()[-3:] == [f"第三条 {HOSPITAL}", "婚假 十天", "丧假 三天"]


def test_the_first_chapter_is_not_the_title_of_a_report(page):
    def draw(sheet: Sheet) -> None:
        sheet.line("海港公司2023年度工作报告")
        for heading in ("一、经营情况", "二、存在问题"):
            sheet.line(heading)
            sheet.paragraph(HOSPITAL)

    (document,) = page(made(draw), "2023.pdf").content.documents
    assert document.title == "海港公司2023年度工作报告"


def test_running_heads_and_page_numbers_are_left_out(handbook: bytes):
    text = read(handbook).text
    assert "总工会" not in text
    assert "页" not in text


def test_pages_that_say_the_same_are_no_running_heads():
    def draw(sheet: Sheet) -> None:
        for _ in range(2):
            sheet.paragraph(LEAVE[:50])
            sheet.page()

    assert blocks(read(made(draw))) == [LEAVE[:50], LEAVE[:50]]


def test_a_paragraph_over_a_page_break_knows_both_pages(handbook: bytes):
    reading = read(handbook)
    pages = {
        join(reading.text, b.spans): (len(b.spans), b.place.first, b.place.last)
        for b in reading.blocks
    }
    assert pages["阅览室周一至周五开放。"] == (1, 2, 2)
    assert pages["本手册自发布之日起施行。"] == (1, 3, 3)
    assert (2, 2, 3) in pages.values()
    assert pages[LEAVE] in ((1, 1, 1), (2, 2, 3))
    assert blocks(reading).count(LEAVE) == 2


def test_headings_have_levels_by_size_and_number(handbook: bytes):
    reading = read(handbook)
    headings = [(b.level, join(reading.text, b.spans)) for b in reading.blocks if b.level]
    assert headings == [
        (1, "职工手册"),
        (2, "第一章 休假"),
        (2, "第二章 慰问"),
        (3, "一、住院慰问"),
    ]
    assert reading.title == "职工手册"


@pytest.mark.parametrize(
    ("field", "title"),
    [
        ("员工福利办法", "员工福利办法"),
        ("Microsoft Word - 手册.doc", "职工手册"),
        ("untitled", "职工手册"),
        ("手册终稿.docx", "职工手册"),
    ],
)
def test_the_title_is_the_files_own_where_that_is_one(field: str, title: str):
    def draw(sheet: Sheet) -> None:
        sheet.canvas.setTitle(field)
        draw_handbook(sheet)

    assert read(made(draw)).title == title


def draw_picture(sheet: Sheet) -> None:
    sheet.canvas.rect(50, 50, 300, 400, fill=1)
    sheet.page()


def test_pages_without_text_are_passed_over():
    def draw(sheet: Sheet) -> None:
        draw_picture(sheet)
        sheet.page()
        sheet.paragraph(LEAVE)

    (block,) = read(made(draw)).blocks
    assert (block.place.first, block.place.last) == (3, 3)


def test_a_scan_names_the_command_that_helps():
    with pytest.raises(NotReadable, match=r"holds no text but pictures.*ocrmypdf -l chi_sim"):
        read(made(draw_picture))


def test_text_along_the_margin_and_watermarks_are_left_out():
    def draw(sheet: Sheet) -> None:
        sheet.paragraph(LEAVE)
        sheet.canvas.rotate(45)
        sheet.line("内部资料", x=400, y=100, size=40)

    assert blocks(read(made(draw))) == [LEAVE]


@pytest.mark.parametrize(("turn", "x", "y"), [(90, 0, -600), (180, -420, -600), (270, -600, 0)])
def test_a_page_on_its_side_is_read(turn: int, x: int, y: int):
    # PDFium does not find turned Chinese text whose font is not in the file.
    def draw(sheet: Sheet) -> None:
        sheet.canvas.rotate(turn)
        sheet.canvas.translate(x, y)
        for at in range(0, 150, 50):
            sheet.line(LATIN[at : at + 50].strip(), font="Helvetica", y=300 - at / 4)

    assert "".join("".join(blocks(read(made(draw)))).split()) == "".join(LATIN[:150].split())


def test_what_was_filled_into_a_form_stands_beside_its_labels():
    def draw(sheet: Sheet) -> None:
        form = sheet.canvas.acroForm
        sheet.paragraph(LEAVE)
        for y, label in ((400, "姓名："), (370, "科室："), (340, "同意：")):
            sheet.line(label, y=y)
        form.textfield(value="Zhang San", x=110, y=396, width=120, height=16)
        form.choice(value="B2", options=["A1", "B2"], x=110, y=366, width=120, height=16)
        form.checkbox(checked=True, x=110, y=336)
        form.textfield(
            value="first\nsecond", fieldFlags="multiline", x=60, y=250, width=200, height=60
        )

    assert blocks(read(made(draw))) == [
        LEAVE,
        "姓名： Zhang San",
        "科室： B2",
        "同意：",
        "first second",
    ]


def test_a_locked_file_says_so():
    locked = made(draw_handbook, encrypt=StandardEncryption("secret", canPrint=0))
    with pytest.raises(NotReadable, match="needs a password"):
        read(locked)


def test_a_file_that_opens_without_a_password_is_read():
    opened = made(draw_handbook, encrypt=StandardEncryption("", ownerPassword="owner"))
    assert LEAVE in blocks(read(opened))


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n", b"PK\x03\x04%%EOF"])
def test_what_is_no_pdf_says_so(data: bytes):
    with pytest.raises(NotReadable, match="is not a PDF"):
        read(data)


def test_a_damaged_file_never_raises_anything_else():
    handbook = made(draw_handbook, pageCompression=0)
    chance = random.Random(7)
    outcomes = set()
    for _ in range(250):
        data = bytearray(handbook)
        for _ in range(chance.choice((1, 3, 30, 300))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            check_spans(read(bytes(data)))
            outcomes.add("read")
        except NotReadable:
            outcomes.add("not readable")
    assert outcomes == {"read", "not readable"}


def check_spans(reading: Reading) -> None:
    end = 0
    for block in reading.blocks:
        assert 1 <= block.place.first <= block.place.last
        for start, stop in block.spans:
            assert end <= start < stop <= len(reading.text)
            assert reading.text[start:stop].strip() == reading.text[start:stop]
            end = stop


@pytest.mark.parametrize("draw", [draw_handbook, draw_columns])
def test_blocks_are_slices_in_order_and_hold_all_of_the_text(draw: Callable[[Sheet], None]):
    reading = read(made(draw))
    check_spans(reading)
    assert "".join("".join(blocks(reading)).split()) == "".join(reading.text.split())


def test_a_pdf_can_be_asked_and_its_quotes_proven(tmp_path, open_library, handbook: bytes):
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "手册.pdf").write_bytes(handbook)
    (folder / "扫描.pdf").write_bytes(made(draw_picture))
    library = open_library(资料=folder)
    (problem,) = library.refresh().problems
    assert "ocrmypdf" in problem.reason
    answer = library.ask("住院慰问金每次多少钱")
    assert answer.quotes[0].text == HOSPITAL
    assert answer.quotes[0].citation.title == "职工手册"
    assert answer.quotes[0].citation.place.as_json() == {"page": 1}
    proof = library.verify(Record.of(answer.quotes[0]))
    assert (proof.standing, proof.text) == (Standing.SAME, HOSPITAL)
