"""Mails: subject, sender and date, what was written; attachments are named."""

from __future__ import annotations

import base64
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import SAMPLES

from retrieval.blocks import NotReadable, Reading, Role
from retrieval.readers import READERS

read = READERS[".eml"]
DATE = "Mon, 03 Mar 2025 10:00:00 +0800"


def mail(body: str = "各位同事：\n\n年假五天。\n", **content: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "关于年假的通知"
    message["From"] = "张三 <zhang@example.org>"
    message["Date"] = DATE
    message.set_content(body, **content)
    return message


def raw(body: bytes, *fields: bytes) -> bytes:
    return b"\r\n".join([b"Subject: rules", b"From: a@example.org", *fields, b"", body])


def texts(reading: Reading) -> list[str]:
    return ["|".join(reading.text[slice(*span)] for span in b.spans) for b in reading.blocks]


def written(data: bytes) -> list[str]:
    reading = read(data)
    return [t for t, b in zip(texts(reading), reading.blocks, strict=True) if b.role is Role.BODY]


def assert_verbatim(reading: Reading) -> None:
    position = 0
    for number, block in enumerate(reading.blocks, 1):
        assert (block.place.unit, block.place.first) == ("part", number)
        assert block.spans
        for start, end in block.spans:
            assert position <= start < end <= len(reading.text)
            assert reading.text[start:end].strip()
            position = end


def test_a_mail_is_its_subject_its_sender_and_what_was_written():
    reading = read(mail().as_bytes())
    assert reading.title == "关于年假的通知"
    assert reading.extracted
    assert [(b.role, b.level) for b in reading.blocks] == [
        (Role.HEADING, 1),
        (Role.BYLINE, 0),
        (Role.BODY, 0),
        (Role.BODY, 0),
    ]
    assert texts(reading) == [
        "关于年假的通知",
        f"张三 <zhang@example.org>|{DATE}",
        "各位同事：",
        "年假五天。",
    ]
    assert_verbatim(reading)


@pytest.mark.parametrize("transfer", ["base64", "quoted-printable", "8bit"])
@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gb18030", "big5"])
def test_a_body_is_read_in_every_charset_and_transfer_encoding(charset, transfer):
    words = "規則" if charset == "big5" else "规则"
    assert written(mail(words, charset=charset, cte=transfer).as_bytes()) == [words]


def test_what_says_it_is_gb2312_may_hold_more_than_that():
    body = base64.b64encode("朱镕基喆".encode("gb18030"))
    fields = b"Content-Type: text/plain; charset=gb2312", b"Content-Transfer-Encoding: base64"
    assert written(raw(body, *fields)) == ["朱镕基喆"]


@pytest.mark.parametrize(
    "field",
    [
        b"=?gb2312?B?" + base64.b64encode("朱镕基的通知".encode("gbk")) + b"?=",
        "朱镕基的通知".encode(),  # against the rules, and common
        "关于朱镕基的通知，请大家看一看".encode("gbk"),
        # cut in the middle of a character
        b"=?utf-8?B?%s?=\r\n =?utf-8?B?%s?="
        % tuple(map(base64.b64encode, ("朱镕基的通知".encode()[:4], "朱镕基的通知".encode()[4:]))),
    ],
)
def test_a_subject_is_read_however_it_was_encoded(field):
    reading = read(b"Subject: " + field + b"\r\n\r\nx")
    assert reading.title.removeprefix("关于").startswith("朱镕基的通知")


def test_of_text_and_html_the_text_is_taken():
    message = mail("年假五天。")
    message.add_alternative("<p>年假五天！</p>", subtype="html")
    assert written(message.as_bytes()) == ["年假五天。"]


def test_without_text_the_html_is_read():
    message = mail("\n")
    message.add_alternative("<h2>一</h2><p>年假<br>五天</p><script>x</script>", subtype="html")
    assert texts(read(message.as_bytes()))[2:] == ["一", "年假|五天"]


def test_attachments_are_named_and_not_read():
    message = mail("见附件。")
    message.add_attachment("秘密", filename="说明.txt")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a b.pdf")
    reading = read(message.as_bytes())
    assert reading.blocks[-1].role is Role.NOTICE
    assert texts(reading)[2:] == ["见附件。", "说明.txt|a b.pdf"]
    assert "秘密" not in reading.text


def test_wrapped_lines_are_a_paragraph_and_short_ones_are_each_their_own():
    wrapped = "The rules for the yearly leave of all workers have been changed as of the"
    assert written(raw(f"Hello,\r\n{wrapped}\r\nfirst of May.\r\nBye\r\n".encode())) == [
        "Hello,",
        f"{wrapped}|first of May.",
        "Bye",
    ]


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"just words\nand more", b"\x89PNG\r\n\0\0", b"%PDF-1"]
)
def test_what_is_no_mail_is_refused(data):
    with pytest.raises(NotReadable, match=r"^is no mail: it names neither sender nor subject; "):
        read(data)


def test_a_body_whose_characters_cannot_be_told_is_refused():
    with pytest.raises(NotReadable, match=r"^is a mail whose characters cannot be told; "):
        read(raw(b"\xb9\xe6\xff\xfe\x80"))


def test_parts_inside_each_other_without_end_are_no_traceback():
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n)
        for n in range(2000)
    )
    try:
        reading = read(b"Subject: x\r\n" + nested + b"\r\nwords")
    except NotReadable:
        return
    assert_verbatim(reading)


NOISE = [
    *(b"", b"\0", b"\xff", b"\n\n", b"=?", b"?=", b"=?utf-8?B?a?=", b'"', b"(", b";", b"[", b"<"),
    *(b"*0*=", b"''", b"%ff", b"filename*=", b"charset=", b"boundary=", b"multipart/mixed"),
]
DAMAGE = st.tuples(st.integers(0, 10_000), st.integers(0, 12), st.sampled_from(NOISE))


@settings(max_examples=300, deadline=None)
@given(st.lists(DAMAGE, min_size=1, max_size=10))
def test_a_damaged_mail_is_read_or_refused(damage):
    data = bytearray(SAMPLES[".eml"]())
    for position, length, noise in damage:
        position %= len(data) + 1
        data[position : position + length] = noise
    try:
        reading = read(bytes(data))
    except NotReadable:
        return
    assert_verbatim(reading)
