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
_LONGEST_LABEL = 200  # characters of all of them: more would outweigh the row itself
_NUMBER = re.compile(r"[\d\s.,%:/+-]*\d[\d\s.,%:/+-]*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_ENDS = "。！？!?；;."
_COLUMN_WORDS = frozenset(
    """
    问题 答案 问 答 提问 回答 解答 答复 序号 编号 名称 项目 内容 类别 类型 分类 标准 金额 数量
    单价 单位 总价 价格 费用 比例 时间 日期 地点 地区 部门 职务 岗位 级别 等级 条件 要求 对象
    范围 说明 备注 状态 结果 负责人 联系人 联系电话 电话 地址 姓名 版本 事项 材料 流程 步骤
    门店 店名 店长 品名 品牌 商品 产品 型号 规格 产地 库存 客户 供应商 公司 国家 省份 城市 区域
    性别 年龄 生日 民族 学历 籍贯 政治面貌 手机 邮箱 邮编 网址 传真 班级 学校 科目 成绩 排名
    工资 薪资 奖金 面积 人口 楼层 房间 年份 月份 年度 期限 有效期 假种 车次 航班 作者 出版社
    question answer no. id name item content type category amount price unit quantity rate time
    date place department condition description remarks notes status result phone address
    version title author email city country region store shop manager position salary hours
    """.split()
)
# What many names of columns end with: 审批人, 营业时间, 增长率.
_COLUMN_ENDS = re.compile(
    r"[一-鿿]{1,6}(?:[数量率额费价号码名址人]|时间|日期|地点|电话|方式|标准|部门|单位|情况)"
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
    wrong things.  So the words have to be those of columns, side by side, or a column has to
    hold numbers under a name without any, and no row below another such word; where no word
    is known, all columns but the first have to.
    """
    if len(rows) < 2 or not is_header(rows[0]):
        return False
    if any(_named(a) and _named(b) for a, b in pairwise(rows[0])):
        return True
    columns = list(zip(*rows, strict=False))
    if len(rows) < 3:
        return False
    if len(columns) > 2 and all(map(_counts, columns[1:])):
        return True
    form = any(_likely(row[0]) or any(map(_named, row)) for row in rows[1:] if row)
    return not form and any(map(_likely, rows[0])) and any(map(_counts, columns))


def _named(cell: str) -> bool:
    """Return whether a cell is a word that names columns, its unit aside: 单价（元）."""
    return _bare(cell) in _COLUMN_WORDS


def _likely(cell: str) -> bool:
    """Return whether a cell is such a word, or ends like one."""
    return _named(cell) or _COLUMN_ENDS.fullmatch(_bare(cell)) is not None


def _bare(cell: str) -> str:
    return re.sub(r"[（(].*", "", cell).strip().lower()


def names_as_label(names: Row) -> str:
    """Return the names of columns as what their rows are labelled with; "" where too long."""
    label = SEPARATOR.join(name for name in names if name)
    return label if len(label) <= _LONGEST_LABEL else ""


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
