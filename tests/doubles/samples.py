"""A real file of every format, made by the libraries that make such files, with most of what
they may hold; and ways to damage them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from email.message import EmailMessage

import docx
import openpyxl
import pptx
from docx.document import Document
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

SONG = "STSong-Light"  # a font that every reader of PDF has: no font file is needed
WORDS = "职工每人每年可以享受带薪年休假十五天，工作满二十年的职工可以再增加五天。"
ROWS = (("问题", "答案"), ("图书馆几点开门？", "早上九点，周二休息。"), ("婚假几天？", "十天。"))

PAGE = f"""<!DOCTYPE html>
<html lang="zh"><head><meta charset="utf-8"><title>员工手册 &amp; 须知</title>
<style>p {{ color: red }}</style><script>var 秘密 = "<p>不是正文</p>";</script></head>
<body><header>网站首页</header><nav><ul><li>菜单</li></ul></nav><main><!-- 注释 -->
<article><h1>员工手册</h1><p>{WORDS}<br>病假另算&hellip;</p><h2>二、补助</h2>
<ul><li>餐补 20 元</li><li><p>交通补 100 元</p></li></ul>
<table><caption>标准</caption><tr><th>项目</th><th>金额</th></tr>
<tr><td>慰问金</td><td>100<br>元</td></tr></table>
<figure><img src="a.png"><figcaption>张三 摄</figcaption></figure>
<pre>第一行
  第二行</pre>尾巴没有标签</article></main></body></html>
"""


def plain() -> bytes:
    return f"海港区职工休假规定\n\n本报通讯员 林晓雯\n\n{WORDS[:20]}\n{WORDS[20:]}\n".encode()


def markdown() -> bytes:
    return f"# 员工手册\n<!-- INFO END -->\n## 假期\n{WORDS}\n- 病假\n```\n# 代码\n```\n".encode()


def html() -> bytes:
    return PAGE.encode()


def mail() -> bytes:
    message = EmailMessage()
    message["Subject"] = "关于年假的通知"
    message["From"] = "张三 <zhang@example.org>"
    message["Date"] = "Mon, 03 Mar 2025 10:00:00 +0800"
    message.set_content(WORDS, charset="gb18030", cte="base64")
    message.add_alternative(f"<p>{WORDS}</p>", subtype="html")
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="附件.pdf")
    message.set_boundary("==1==")
    return message.as_bytes()


def table() -> bytes:
    return "".join(f'"{question}","{answer}"\r\n' for question, answer in ROWS).encode()


def table_of_tabs() -> bytes:
    return "".join("\t".join(row) + "\n" for row in ROWS).encode("gb18030")


def book() -> bytes:
    container = '<container><rootfiles><rootfile full-path="OPS/b.opf"/></rootfiles></container>'
    page = '<item id="{0}" href="{0}.xhtml" media-type="application/xhtml+xml"/>'
    opf = (
        "<package><metadata><title>工会手册</title></metadata><manifest>"
        f"{page.format('one')}{page.format('two')}</manifest>"
        '<spine><itemref idref="one"/><itemref idref="two"/></spine></package>'
    )
    return zipped(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": container.encode(),
            "OPS/b.opf": opf.encode(),
            "OPS/one.xhtml": PAGE.encode(),
            "OPS/two.xhtml": f"<html><body><p>{WORDS}</p></body></html>".encode(),
        }
    )


def word() -> bytes:
    document: Document = docx.Document()
    document.add_heading("员工手册", 0)
    document.add_heading("第一章 假期", 1)
    document.add_paragraph(WORDS)
    grid = document.add_table(rows=len(ROWS), cols=2)
    for row, texts in zip(grid.rows, ROWS, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph("病假要证明", style="List Number")
    document.add_paragraph("图1 请假流程", style="Caption")
    return _saved(document)


def slides() -> bytes:
    presentation = pptx.Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "慰问金办法"
    slide.placeholders[1].text = f"{WORDS}\n全年两次"
    slide.notes_slide.notes_text_frame.text = "提醒大家带发票"
    frame = slide.shapes.add_table(2, 2, 914400, 914400, 3657600, 1828800)
    for at, text in enumerate(("地区", "标准", "海港", "100元")):
        frame.table.cell(at // 2, at % 2).text = text
    return _saved(presentation)


def workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.create_sheet("标准").append(["地区", 100, 0.5])
    return _saved(book)


def pdf() -> bytes:
    if SONG not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(SONG))
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=(420, 600))
    for number in (1, 2):
        canvas.setFont(SONG, 18)
        canvas.drawString(60, 540, f"职工手册第{'一二'[number - 1]}部分")
        canvas.setFont(SONG, 10)
        for y, at in enumerate(range(0, len(WORDS), 28)):
            canvas.drawString(60, 480 + 20 * number - 15 * y, WORDS[at : at + 28])
        canvas.acroForm.textfield(value="name", x=60, y=300, width=120, height=16)
        canvas.showPage()
    canvas.save()
    return data.getvalue()


SAMPLES: dict[str, Callable[[], bytes]] = {
    ".txt": plain,
    ".md": markdown,
    ".html": html,
    ".eml": mail,
    ".epub": book,
    ".docx": word,
    ".pptx": slides,
    ".xlsx": workbook,
    ".csv": table,
    ".tsv": table_of_tabs,
    ".pdf": pdf,
}
ZIPPED = (".epub", ".docx", ".pptx", ".xlsx")


def zipped(entries: dict[str, bytes]) -> bytes:
    """Return a zip file of these."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """Return what a zip file holds, by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def _saved(document: object) -> bytes:
    file = io.BytesIO()
    document.save(file)  # type: ignore[attr-defined]
    return file.getvalue()
