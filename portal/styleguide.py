"""What the style guide shows: every component in every state, with names and numbers that try its limits."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone

from portal.shared.templatetags.ui import STATES, VERDICTS


class _Everything(forms.Form):
    name = forms.CharField(label="Name as printed", help_text="As it should stand on certificates.", max_length=200)
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=80,
        widget=forms.Textarea(attrs={"rows": 3, "data-count": "{} characters left"}),
    )
    kind = forms.ChoiceField(label="Kind", choices=[("m", "Micro-credential"), ("c", "Certificate"), ("d", "Diploma")])
    how = forms.ChoiceField(
        label="How it was assessed", choices=[("a", "Here"), ("p", "Prior learning")], widget=forms.RadioSelect
    )
    topics = forms.MultipleChoiceField(
        label="Topics",
        required=False,
        choices=[("s", "Statistics"), ("d", "Databases")],
        widget=forms.CheckboxSelectMultiple,
    )
    due_on = forms.DateField(label="Due on", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    hours = forms.DecimalField(label="Hours", required=False)
    agree = forms.BooleanField(label="This is my own work", help_text="You may quote others when you name them.")


class _File(forms.Form):
    document = forms.FileField(
        label="Drop a document here, or choose one", help_text="PDF, PNG, SVG or JSON, up to 10 MB."
    )


_SPRITE = settings.BASE_DIR / "static" / "img" / "icons.svg"

_TEXT = """# Why samples mislead

A sample says something about the whole **only** when each member could have been in it. See
[the reading](/catalogue/).

## Three traps

1. Those who answer are not those who were asked.
2. A mean hides two groups.

> Count what was not counted.

| n | margin |
|---|---|
| 100 | 10 % |
| 1,000 | 3 % |

```python
mean = sum(x) / len(x)
```
"""

PEOPLE = [
    ("Lena Ortiz", "earned", 92),
    ("ليلى بنت محمد الأندلسية", "under-way", 61),
    ("Nguyễn Thị Minh Khai", "open", 0),
    ("Wolfgang Amadeus Freiherr von und zu Hohenstein-Löwenberg", "not-yet", 0),
]


def context(request: HttpRequest) -> dict[str, Any]:
    """Everything `templates/styleguide.html` needs."""
    wrong = _Everything({"name": "", "reason": "x" * 90, "kind": "x", "due_on": "yesterday"})
    wrong.is_valid()
    return {
        "states": list(STATES),
        "verdicts": list(VERDICTS),
        "tones": ["earned", "under-way", "open", "not-yet", "attention", "wrong"],
        "colours": [
            *(
                "paper",
                "surface",
                "sunken",
                "ink",
                "ink-2",
                "line",
                "edge",
                "action",
                "action-strong",
                "honour",
                "honour-fill",
                "focus",
            )
        ],
        "icons": re.findall(r'id="(?!mark-)([a-z]+)"', _SPRITE.read_text()),
        "form": _Everything(),
        "wrong_form": wrong,
        "file_form": _File(),
        "people": PEOPLE,
        "parts": [
            ("statistics", 6, "earned"),
            ("databases", 6, "earned"),
            ("visualisation", 3, "earned"),
            ("electives", 4, "underway"),
            ("capstone", 5, "open"),
        ],
        "whole": [("statistics", 6, "earned"), ("databases", 6, "earned"), ("writing", 3, "earned")],
        "page": Paginator(range(412), 20).page(7),
        "then": datetime(2026, 5, 3, 10, 42, tzinfo=UTC),
        "recently": timezone.now() - timedelta(hours=3),
        "on": date(2026, 5, 3),
        "said": [
            Message(messages.SUCCESS, "12 grades are released. Each learner was told."),
            Message(messages.ERROR, "This was not saved."),
        ],
        "text": _TEXT,
    }
