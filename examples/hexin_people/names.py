"""Invented Chinese names, addresses, phone and resident id numbers; the checksum follows GB 11643-1999."""

from __future__ import annotations

import datetime
import random

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦傅方白邹孟熊秦邱江尹薛阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤单仇解盖查区"
)
COMPOUND = ("欧阳", "司马", "上官", "诸葛", "东方", "慕容")
MALE = "伟强磊军勇涛明超杰辉鹏浩宇轩博文建国志刚海波峰晨阳凯俊毅恒睿泽霖骏昊天"
FEMALE = "芳娜敏静丽艳娟霞秀燕玲雪琳梅莉倩婷颖慧雅欣怡佳萱梓涵诗语嫣然思琪晓月"
LONG = (
    "阿卜杜热西提·买买提吐尔逊", "古丽娜尔·艾合买提江", "迪丽努尔·阿布都克热木·吐尔地", "扎西次仁多吉旺堆",
    "Alexandra Konstantinopoulou-Petersen", "María del Carmen Fernández de la Vega y Sánchez",
)
AREAS = ("310104", "310115", "330102", "310101", "330106", "320583", "340104", "360102")
STREETS = {
    "XH": ("上海市", "上海市徐汇区", ("漕溪北路", "宜山路", "天钥桥路", "龙华中路", "肇嘉浜路", "衡山路")),
    "PD": ("上海市", "上海市浦东新区", ("世纪大道", "张杨路", "花木路", "锦绣路", "浦东南路", "丁香路")),
    "HZ": ("浙江省", "杭州市上城区", ("湖滨路", "延安路", "庆春路", "解放路", "中河中路", "凤起路")),
}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def person_name(rng: random.Random, sex: str) -> str:
    """A name of two to four characters, now and then a compound surname or a name from elsewhere."""
    chance = rng.random()
    if chance < 0.008:
        return rng.choice(LONG)
    surname = rng.choice(COMPOUND) if chance < 0.02 else rng.choice(SURNAMES)
    letters = MALE if sex == "male" else FEMALE
    return surname + "".join(rng.choice(letters) for _ in range(1 if rng.random() < 0.25 else 2))


def mobile(rng: random.Random) -> str:
    """A mobile number in one of the ways people write it."""
    digits = rng.choice(("138", "139", "136", "158", "186", "177", "150", "133", "199")) + f"{rng.randrange(10**8):08d}"
    style = rng.random()
    if style < 0.7:
        return digits
    if style < 0.9:
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    return f"+86 {digits}"


def resident_id(rng: random.Random, born: datetime.date, sex: str) -> str:
    """An 18-digit resident id number with a right check digit."""
    order = rng.randrange(1, 500) * 2 - (1 if sex == "male" else 0)
    digits = f"{rng.choice(AREAS)}{born:%Y%m%d}{order % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return digits + _CHECK[total % 11]


def address(rng: random.Random, clinic: str) -> tuple[str, str, str]:
    """Province, city with district, and the street with number and flat."""
    province, city, streets = STREETS[clinic]
    return province, city, f"{city}{rng.choice(streets)} {rng.randrange(1, 990)} 弄 {rng.randrange(1, 60)} 号 {rng.randrange(101, 2602)} 室"
