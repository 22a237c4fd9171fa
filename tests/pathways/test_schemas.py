"""The address of the JSON Schema of rules, and the command that renews its file."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from pathways.rules import schema


@pytest.mark.django_db
def test_anyone_may_read_and_keep_the_schema(client: Client, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/schemas/rule-1.json")
    assert json.loads(answer.content)["$id"] == "/schemas/rule-1.json"
    assert answer["Content-Type"] == "application/schema+json"
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert answer["Access-Control-Allow-Origin"] == "*"
    again = client.get("/schemas/rule-1.json", headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304


def test_the_command_writes_the_file_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "FILE", tmp_path / "rule-1.json")
    call_command("rule_schema")
    assert (tmp_path / "rule-1.json").read_text(encoding="utf-8") == schema.written()
