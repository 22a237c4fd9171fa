import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.standards import jcs

from .vectors import read, text


@pytest.mark.parametrize("name", ["structures", "values", "weird"])
def test_rfc_8785_vector(name):
    assert jcs.canonicalise(read(f"rfc8785/{name}.input.json")) == text(f"rfc8785/{name}.output.json").encode()


# RFC 8785, appendix B.
@pytest.mark.parametrize(
    ("bits", "written"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_numbers_are_written_as_ecmascript_does(bits, written):
    (number,) = struct.unpack(">d", bytes.fromhex(bits))

    assert jcs.canonicalise(number) == written.encode()


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.text()
        | st.integers(-(2**53), 2**53)
        | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_the_canonical_text_reads_back_as_the_same_value(value):
    canonical = jcs.canonicalise(value)

    # As every reader of RFC 8785 does, take numbers for doubles.
    read_back = json.loads(canonical, parse_int=float)
    assert read_back == value
    assert jcs.canonicalise(read_back) == canonical


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53 + 1, "\ud800", {1: 2}, {"a": b""}, {1, 2}])
def test_what_is_not_json_is_refused(value):
    with pytest.raises(jcs.NotCanonicalisable):
        jcs.canonicalise(value)
