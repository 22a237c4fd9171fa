import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.shared import strict_json
from portal.shared.strict_json import BadJson, loads


def test_sound_json_is_read():
    content = '{"name": "Ōkubo 🎓", "marks": [1, -2.5, 1e3, 0, 0.0, true, false, null], "more": {"": "a\\tb\\r\\nc"}}'

    assert loads(content.encode()) == {
        "name": "Ōkubo 🎓",
        "marks": [1, -2.5, 1000.0, 0, 0.0, True, False, None],
        "more": {"": "a\tb\r\nc"},
    }
    assert isinstance(loads(b"3"), int)
    assert isinstance(loads(b"3.0"), float)
    assert loads(b' "\\ud83c\\udf93" ') == "🎓"
    assert loads(b'"[[[{{{\\"[[["', max_depth=0) == '[[[{{{"[[['


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (b"", "$"),
        (b"{", "$"),
        (b"[1,]", "$"),
        (b"{'a': 1}", "$"),
        (b"[1] 2", "$"),
        (b"]", "$"),
        (b'"a', "$"),
        (b'"a\nb"', "$"),
        (b"\xef\xbb\xbf{}", "$"),
        (b'"\xff"', "$"),
        (b'"\xed\xa0\x80"', "$"),
        ('{"a": 1}'.encode("utf-16"), "$"),
        (b'{"a": {"b": 1, "b": 2}}', "$.a.b"),
        (b'{"a": 1, "\\u0061": 2}', "$.a"),
        (b'[1, {"a": [2, {"b": 1, "c": 2, "b": 1}]}]', "$[1].a[1].b"),
        (b"[" * 600 + b'{"a": 1, "a": 2}' + b"]" * 600, "$"),
        (b"[NaN]", "$"),
        (b"[Infinity]", "$"),
        (b"[-Infinity]", "$"),
        (b"[0, 1e400]", "$[1]"),
        (b"[-1e400]", "$[0]"),
        (b"[1e-400]", "$[0]"),
        (b"[1234567890123456]", "$[0]"),
        (b"[0.1234567890123456]", "$[0]"),
        (b"[01]", "$"),
        (b"[1" + b"0" * 5000 + b"]", "$[0]"),
        (b'{"a": ["x", "\\u0000"]}', "$.a[1]"),
        (b'"\\u001b"', "$"),
        (b'"\\u007f"', "$"),
        (b'"\\ud800"', "$"),
        (b'"\\udf93\\ud83c"', "$"),
        (b'{"\\u0000": 1}', "$"),
        (b"[" * 33 + b"]" * 33, "$"),
        (b"[" * 100_000, "$"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "$"),
    ],
)
def test_what_programs_read_differently_is_refused(content, path):
    with pytest.raises(BadJson) as refusal:
        loads(content)
    assert refusal.value.path == path
    assert refusal.value.words.endswith(".")


def test_limits_are_the_callers():
    assert loads(b"[" * 32 + b"]" * 32) is not None
    with pytest.raises(BadJson):
        loads(b"[[1]]", max_depth=1)
    with pytest.raises(BadJson):
        loads(b"[1, 2]", max_bytes=5)
    assert loads(b"[1,2]", max_bytes=5) == [1, 2]


@pytest.mark.parametrize(
    "content", [b'"' + b"\\" * 200_001, b'"\\"' * 80_000, b'"' + b'\\"' * 120_000, b'["' * 100_000, b"-" * 250_000]
)
def test_hostile_text_is_judged_quickly(content):
    started = time.process_time()
    with pytest.raises(BadJson):
        loads(content)
    assert time.process_time() - started < 1


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15) + 1, 10**15 - 1)
    | st.text(st.characters(exclude_categories=("Cc", "Cs"))),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=("Cc", "Cs"))), inner),
    max_leaves=20,
)


@given(JSON)
def test_what_json_writes_is_read_back(value):
    assert loads(json.dumps(value).encode()) == value
    assert loads(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=50))
def test_any_bytes_are_read_or_refused(content):
    try:
        strict_json.loads(content)
    except BadJson as refusal:
        assert refusal.path.startswith("$")
