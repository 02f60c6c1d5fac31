"""What the readers of tables share: is the first row a header, and a row as one line.

In: the cells of rows as texts, "" for an empty one.  Out: the column names, or the text of a
row: “问题：年假几天？” and “答案：五天。” rather than two cells that say nothing alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

Row = Sequence[str]

SEPARATOR = " ｜ "  # between cells whose columns have no names

_LONGEST_NAME = 24  # characters of a column name
_NUMBER = re.compile(r"[\d\s.,%:/+-]*\d[\d\s.,%:/+-]*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_ENDS = "。！？!?；;."
_COLUMN_WORDS = frozenset(
    """
    问题 答案 问 答 提问 回答 解答 答复 序号 编号 名称 项目 内容 类别 类型 分类 标准 金额 数量
    单价 单位 总价 价格 费用 比例 时间 日期 地点 地区 部门 职务 岗位 级别 等级 条件 要求 对象
    范围 说明 备注 状态 结果 负责人 联系人 联系电话 电话 地址 姓名 版本 事项 材料 流程 步骤
    question answer no. id name item content type category amount price unit quantity rate time
    date place department condition description remarks notes status result phone address
    version
    """.split()
)


def is_header(cells: Row) -> bool:
    """Return whether a row of cells could be the names of columns: short, distinct, no numbers."""
    names = [cell for cell in cells if cell]
    return (
        len(names) > 1
        and len(set(names)) == len(names)
        and all(len(name) <= _LONGEST_NAME and name[-1] not in "：:。；;" for name in names)
        and all(_YEAR.fullmatch(name) or not _NUMBER.fullmatch(name) for name in names)
        and not all(_YEAR.fullmatch(name) for name in names)
    )


def is_sure_header(rows: Sequence[Row]) -> bool:
    """Return whether the first of `rows` names the columns although nothing marks it as such.

    A form (姓名 ｜ 张三 ｜ 性别 ｜ 男) begins just like a table, and read as one it would say
    wrong things.  So the words have to be those of columns, side by side, or the columns
    have to hold numbers under names without any.
    """
    if len(rows) < 2 or not is_header(rows[0]):
        return False
    known = [re.sub(r"[（(].*", "", cell).strip().lower() in _COLUMN_WORDS for cell in rows[0]]
    if any(a and b for a, b in pairwise(known)):
        return True
    columns = list(zip(*rows, strict=False))[1:]
    return len(rows) > 2 and len(columns) > 1 and all(map(_counts, columns))


def _counts(column: Row) -> bool:
    name, *values = column
    return not re.search(r"\d", name) and all(re.search(r"\d", value) for value in values)


def as_line(cells: Row, names: Row = ()) -> str:
    """Return a row as text, each cell with the name of its column where there are names."""
    if not names:
        return SEPARATOR.join(cell for cell in cells if cell)
    line = ""
    for i, cell in enumerate(cells):
        if not cell:
            continue
        name = names[i] if i < len(names) else ""
        if line:
            # A sentence that ended is not followed by a semicolon.
            line += "\n" if line[-1] in _ENDS else "；"
        line += f"{name}：{cell}" if name else cell
    return line
