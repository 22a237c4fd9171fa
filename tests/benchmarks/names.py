"""Names as people have them, put together from given and family names of many languages, for benchmarks."""

import itertools
import random
from collections.abc import Iterator

# Given names, family names, and how many in a hundred of an imagined intake write their name so.
_PEOPLE: tuple[tuple[str, str, int], ...] = (
    ("Lena Emma Noah Olivia Jack Grace Liam Sofia Ethan Chloe", "Ortiz Smith Murphy O'Brien Taylor Evans Kelly", 30),
    ("Jürgen Anja Søren Åsa Bjørn Zoë François Éloïse Maëlle", "Müller Groß Sørensen Ångström Lefèvre Björk", 16),
    ("Łukasz Agnieszka Zdzisław Jiří Žofie Šárka Győző", "Wiśniewski Dvořák Černý Kovács Nagy-Szabó Horáček", 10),
    ("Ștefan Özgür Işıl Gülşen Đorđe Nguyễn Trần Ngọc", "Popescu Yılmaz Çelik Đặng Phạm Thị-Hồng Võ", 10),
    ("Ольга Дмитро Мария Їжак Светлана", "Їжакевич Шевченко Иванова Ђорђевић", 6),
    ("Άννα Γιώργος Ελένη", "Παπαδοπούλου Γεωργίου", 2),
    ("محمد فاطمة أحمد يوسف زينب", "عبدالرحمن الزهراء حسين العلي", 8),
    ("דנה יוסף שרה", "לוי כהן מזרחי", 2),
    ("अनुष्का राजेश प्रिया कृष्ण", "श्रीवास्तव शर्मा त्रिपाठी", 7),
    ("小龍 伟 芳 秀英 敏", "李 王 张 刘 陳", 8),
)
# One in a hundred has what no single line of a sheet holds as it is.
_RARE = (
    "Maria Wilhelmina Friederike Alexandra von Württemberg zu Hohenlohe-Langenburg",
    "Yusuf محمد Kaya",
)


def names(count: int, seed: int = 7) -> Iterator[str]:
    """So many names, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    weights = [share for _given, _family, share in _PEOPLE]
    for place in itertools.islice(itertools.count(), count):
        if place % 100 == 99:
            yield chance.choice(_RARE)
            continue
        [(given, family, _share)] = chance.choices(_PEOPLE, weights)
        first, last = chance.choice(given.split()), chance.choice(family.split())
        if "\u4e00" <= first[0] <= "\u9fff":
            yield last + first
        else:
            middle = f"{chance.choice(given.split())} " if chance.random() < 0.2 else ""
            yield f"{first} {middle}{last}"
