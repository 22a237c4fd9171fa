"""Tests the OpenAPI document: nothing in it had to be guessed, so clients made from it keep their names."""

import re
from io import StringIO

import pytest
from django.core.management import call_command


def test_the_document_is_made_without_a_warning_and_its_names_carry_no_hash(
    capsys: pytest.CaptureFixture[str],
) -> None:
    document = StringIO()
    call_command("spectacular", "--fail-on-warn", stdout=document)
    assert capsys.readouterr().err == ""
    names = re.findall(r"^    (\w+Enum):$", document.getvalue(), flags=re.MULTILINE)
    assert {"AchievementKindEnum", "CourseStateEnum", "PathwayStateEnum"} <= set(names)
    assert not [name for name in names if re.search(r"(?=\w*\d)[0-9A-F][0-9a-f]{2}Enum$", name)]
