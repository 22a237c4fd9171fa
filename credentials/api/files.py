"""Files in requests to the API: multipart beside JSON, wherever a page takes a file, within the bounds of the page."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser

from portal.shared.rest import StrictJsonParser

#: Of views that take a file; whatever else they take may come in either form.
PARSERS = (StrictJsonParser, MultiPartParser)


def file_field(what: str) -> serializers.FileField:
    return serializers.FileField(required=False, allow_empty_file=True, max_length=200, help_text=what)


def one_of(attrs: dict[str, Any], *names: str) -> None:
    """Refuse what names none of these, or several."""
    if sum(name in attrs for name in names) != 1:
        raise serializers.ValidationError(f"Send {' or '.join([', '.join(names[:-1]), names[-1]])}: one of them.")


def content_of(file: UploadedFile, most: int) -> bytes:
    """Its bytes; of a file that is too large one byte more than is read, by which the act tells that it is."""
    return file.read(most + 1)
