"""Files of everyday words: the shipped ones, the owner's, and what is wrong in them."""

from __future__ import annotations

import json

import pytest
import yaml

from config.word_lists import MOST_FAULTS, SHIPPED, load_lexicon
from config.yaml_tree import ConfigError
from retrieval.folding import fold


@pytest.fixture
def expand(tmp_path, analyzer):
    """What a question is expanded to with one more file of words, as written words."""

    def expand(words: str | bytes, question: str) -> list[str]:
        file = tmp_path / "words.yaml"
        file.write_bytes(words if isinstance(words, bytes) else words.encode())
        lexicon = load_lexicon([file])
        return [e.written for e in lexicon.expand(fold(question).text, analyzer.cut)]

    return expand


@pytest.fixture
def faults(expand):
    """The faults of a file of words, as `line:column: message`."""

    def faults(words: str | bytes) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            expand(words, "")
        return [str(fault).partition("words.yaml:")[2] for fault in caught.value.faults]

    return faults


# What is shipped


@pytest.fixture(scope="module")
def shipped():
    return load_lexicon([])


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_shipped_file_is_yaml_and_says_how_to_add_words(file):
    text = file.read_text("utf-8")
    entries = yaml.safe_load(text)
    assert all(isinstance(entry, str) for entry in entries)
    assert len(entries) == sum(line.startswith("- ") for line in text.splitlines())
    assert "怎样添加自己的词" in text or "lexicon: 文件名" in text
    assert "words of your own" in text


@pytest.mark.parametrize(
    ("question", "written"),
    [
        ("老板拖了我三个月工钱", ["用人单位", "拖欠工资"]),
        ("被炒鱿鱼了能拿补偿款吗", ["解除劳动合同", "经济补偿"]),
        ("五险都有哪些", ["社会保险"]),
        ("年假几天", ["带薪年休假"]),
        ("扫大街的在哪歇脚", ["环卫工人", "驿站"]),
        ("送外卖的和快递小哥能入会吗", ["新就业形态劳动者", "加入工会"]),
        ("没签合同", ["未订立书面劳动合同"]),
        ("开车撞了人", ["交通事故"]),
        ("坐月子工资照发吗", ["生育津贴"]),
        ("能不能打官司", ["提起诉讼"]),
        ("定金交了不想买了能退吗", ["给付定金的一方"]),
        ("撞了人就溜了", ["逃逸"]),
        ("隔壁半夜打桩吵得没法睡", ["噪声污染"]),
        ("群里把人打成骨折要蹲号子吗", ["故意伤害", "有期徒刑"]),
        ("租约没到房东让我走人", ["租赁期限", "解除合同"]),
        ("网购的鞋不合脚能寄回去吗", ["退货"]),
        ("村里的账谁都不让看账", ["村务公开"]),
        ("工厂往河里倒废水", ["水污染物"]),
        ("上高中了还得给抚养费吗", ["高中及其以下学历教育"]),
        ("房管局不管谁管", ["房地产主管部门"]),
        ("overtime pay", ["加班费", "加班工资", "工资报酬"]),
        ("trade unions", ["工会"]),
    ],
)
def test_people_ask_in_their_own_words(shipped, analyzer, question, written):
    found = shipped.expand(fold(question).text, analyzer.cut)
    assert set(written) <= {expansion.written for expansion in found}


@pytest.mark.parametrize(
    "question",
    [
        *("职工资格证书", "公司法第几条", "形而上学", "科学技术奖", "李老板娘", "海陵区总工会"),
        *(
            "判断标准",
            "领导班子",
            "生态环境",
            "管道燃气",
            "养护作业",
            "交通枢纽",
            "租赁合同",
            "告示牌",
        ),
    ],
)
def test_parts_of_other_words_are_left_alone(shipped, analyzer, question):
    assert shipped.expand(question, analyzer.cut) == ()


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.yaml")), ids=lambda file: file.stem)
def test_no_shipped_line_says_a_phrase_twice_or_only_what_it_is_written_as(file):
    for entry in yaml.safe_load(file.read_text("utf-8")):
        if " > " in entry:
            said, written = (side.split(", ") for side in entry.split(" *")[0].split(" > "))
            assert len(set(said)) == len(said), entry
            assert set(said) != set(written), entry


# What the owner adds


@pytest.mark.parametrize(
    "words",
    [
        "- 摸鱼, 划水 > 消极怠工",
        "- 划水，摸鱼＞消极怠工",
        "-  划水 、摸鱼  >  消极怠工   # a comment",
        "\ufeff# a comment\r\n\r\n- 摸鱼 > 消极怠工 *1\r\n",
        "- 摸鱼 = 消极怠工",
        "- 消极怠工 = 划水, 磨洋工 = 摸鱼",
        "- 摸魚 > 消極怠工",
    ],
)
def test_a_group_may_be_written_like_this(expand, words):
    assert "消极怠工" in expand(words, "上班摸鱼")


def test_one_way_is_one_way_and_both_ways_is_all_ways(expand):
    assert expand("- 摸鱼 > 消极怠工", "消极怠工") == []
    assert expand("- 摸鱼 = 磨洋工 = 消极怠工", "消极怠工") == ["摸鱼", "磨洋工"]


@pytest.mark.parametrize("dots", ["…", "……", "...", " … "])
def test_an_ellipsis_may_be_typed_in_many_ways(expand, dots):
    assert expand(f"- 划{dots}水 > 消极怠工", "划了两小时的水") == ["消极怠工"]


# What the owner did wrong

FORM = 'write "- everyday words > written words" or "- words = words"'


@pytest.mark.parametrize(
    ("words", "place", "advice"),
    [
        ("- 摸鱼", "1:1: ", FORM),
        ("# x\n\n摸鱼 > 怠工", "3:1: ", FORM),
        ("- 摸鱼 >", "1:1: ", FORM),
        ("- > 怠工", "1:1: ", FORM),
        ("- , > 怠工", "1:1: ", FORM),
        ("- 摸鱼 = ,", "1:1: ", FORM),
        ("- 摸鱼 > 怠工 > 旷工", "1:1: ", FORM),
        ("- 摸鱼 > 怠工 = 旷工", "1:1: ", FORM),
        ("摸鱼: 怠工", "1:1: ", FORM),
        ("- 摸鱼 > 怠工 *", "1:1: ", FORM),
        ("- 摸鱼 > 怠工 *0", "1:1: ", "write *0.5"),
        ("- 摸鱼 > 怠工 *5", "1:1: ", "write *0.5"),
        ("- 摸鱼… > 怠工", "1:1: ", "… belongs between two words"),
        ("- 摸…鱼…了 > 怠工", "1:1: ", "… belongs between two words"),
        ("- 摸鱼 > 怠…工", "1:1: ", "… belongs between two words"),
        ("- 摸鱼 > 怠工\n- 磨洋工 > ".encode() + b"\xb5\xa1", "2:1: ", "save the file in UTF-8"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_remedy(faults, words, place, advice):
    (fault,) = faults(words)
    assert fault.startswith(place)
    assert advice in fault


def test_all_mistakes_are_told_at_once_but_not_those_of_a_wrong_file(faults):
    assert [fault[:2] for fault in faults("- a\n- 摸鱼 > 怠工\n- b\n")] == ["1:", "3:"]
    assert len(faults("不是词表\n" * 1000)) == MOST_FAULTS


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(ConfigError, match=r"gone\.yaml:1:1: the file cannot be read"):
        load_lexicon([tmp_path / "gone.yaml"])


# What is kept between runs


def test_what_was_read_is_kept_until_a_file_changes(tmp_path, analyzer):
    own, cache = tmp_path / "words.yaml", tmp_path / "lexicon.json"

    def written() -> list[str]:
        return [e.written for e in load_lexicon([own], cache).expand("摸鱼", analyzer.cut)]

    own.write_text("- 摸鱼 > 怠工", "utf-8")
    assert written() == ["怠工"]
    kept = json.loads(cache.read_text("utf-8"))
    kept["parts"]["written"][-1][0] = ["旷工"]
    cache.write_text(json.dumps(kept), "utf-8")
    assert written() == ["旷工"]  # it was taken from there
    own.write_text("- 摸鱼 > 消极怠工", "utf-8")
    assert written() == ["消极怠工"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["lexicon.json", "words.yaml"]


@pytest.mark.parametrize("damage", [b"", b"\0\xff", b"[]", b"{}", b'{"version": 1}', b"null"])
def test_what_was_kept_may_be_damaged(tmp_path, analyzer, damage):
    cache = tmp_path / "lexicon.json"
    cache.write_bytes(damage)
    assert load_lexicon([], cache).expand("老板", analyzer.cut)
    assert json.loads(cache.read_text("utf-8"))["parts"]


def test_nothing_need_be_kept(tmp_path, analyzer):
    for cache in (tmp_path / "no" / "such" / "folder", tmp_path):
        assert load_lexicon([], cache).expand("老板", analyzer.cut)
    assert list(tmp_path.iterdir()) == []


def test_a_mistake_is_told_however_much_is_kept(tmp_path):
    own, cache = tmp_path / "words.yaml", tmp_path / "lexicon.json"
    own.write_text("", "utf-8")
    load_lexicon([own], cache)
    own.unlink()
    with pytest.raises(ConfigError, match="cannot be read"):
        load_lexicon([own], cache)
