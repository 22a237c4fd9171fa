"""Tells people by message what becomes of what they asked about their own data."""

from django.conf import settings

from pathways import notices
from pathways.models import DataExport


def tell_of_export(export_id: int) -> None:
    """Say that the copy is there, which also warns whoever did not ask for it; sent twice it is one message (J10)."""
    export = DataExport.objects.select_related("person").filter(pk=export_id).first()
    if export is None:
        return
    context = {"export": export, "page_url": f"{settings.SITE_URL}/me/data/"}
    notices.letter(export.person, f"data-{export.uuid}", "data_export", context).send()
