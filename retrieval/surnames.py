"""Surnames, and the titles that stand beside them: by these a person is known in Chinese.

Who looks for persons in another kind of text takes another part of them: many surnames are words
that are commoner than the name, and what is certain in a byline is a guess in a sentence.
"""

from __future__ import annotations

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁余叶蒋杜苏魏程吕丁沈姚卢傅"
    "钟姜崔谭廖范汪陆金石戴贾韦夏邱侯邹熊孟秦白江阎薛尹雷黎史龙陶贺顾毛郝龚邵钱严赖覃洪武莫孔汤温康施牛樊葛邢"
    "齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申耿兰焦俞左柳甘祝包宁尚舒阮柯纪梅童凌毕裴霍涂苗谷盛翁冉骆蓝路辛靳柴蒙鲍华"
    "喻祁蒲房滕屈饶牟艾尤穆司古吉缪简车项芦褚娄窦戚岑景宫费卜席卫米柏宗瞿桂佟臧闵苟邬卞姬仇栾隋商刁沙荣巫寇桑"
    "郎甄丛仲虞敖巩佘池麻苑迟邝戎"
)
COMMON_WORDS = "于任方段万向常安欧关文符单季成曲游管解阳时农卓连麦党冷晏查全应边师和明"
"""Surnames that are words of their own more often: 书记于昨天, 主席和职工."""
COMPOUND = "欧阳 司马 诸葛 上官 司徒 慕容 令狐 皇甫 尉迟 东方 公孙".split()

OFFICES = "书记|主席|主任|部长|局长|处长|科长|院长|校长|会长|经理|董事长|教授|研究员|成员|委员|干部"
"""What stands before a name with a space between, in the line below a title."""
TITLES = (
    "主席|书记|部长|主任|局长|处长|科长|厅长|院长|校长|所长|站长|队长|店长|经理|董事长|总裁|会长|秘书长|理事长"
    "|[省市区县镇乡]长|记者|通讯员|教授|律师|医生|院士|同志|先生|女士|师傅|老师|工程师|调解员"
)
"""What stands before a name or after it, and is said of nobody without one."""
BEFORE = "负责人|创始人|作者|劳模|工匠|模范|司机|驾驶员|责编|美编"
"""What stands before a name; after one it is said of places and firms as well."""
CALLINGS = "摄影|工人|职工|女工|代表|委员|教师"
"""What stands before names, and before much else."""
