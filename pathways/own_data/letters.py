"""Tells people by message what becomes of what they asked about their own data."""

from django.conf import settings

from pathways import notices
from pathways.models import DataExport, ErasureRequest, NameRequest
from portal.accounts.models import User


def tell_of_export(export_id: int) -> None:
    """Say that the copy is there, which also warns whoever did not ask for it; sent twice it is one message (J10)."""
    export = DataExport.objects.select_related("person").filter(pk=export_id).first()
    if export is None:
        return
    context = {"export": export, "page_url": f"{settings.SITE_URL}/me/data/"}
    notices.letter(export.person, f"data-{export.uuid}", "data_export", context).send()


def tell_of_erasure(request_id: int) -> None:
    """Say that a request was declined, and why; of whoever was erased meanwhile no address is left."""
    request = ErasureRequest.objects.select_related("person").get(pk=request_id)
    if request.state == ErasureRequest.State.DECLINED:
        context = {"request": request, "page_url": f"{settings.SITE_URL}/me/data/"}
        notices.letter(request.person, f"erasure-{request.uuid}", "erasure_declined", context).send()


def tell_of_name(request_id: int) -> None:
    """Say that another name was declined, and why; of one that was corrected the new credential tells."""
    request = NameRequest.objects.select_related("award__learner", "award__achievement__issuer").get(pk=request_id)
    if request.state == NameRequest.State.DECLINED:
        achievement = request.award.achievement
        context = {
            "request": request,
            "achievement": achievement,
            "issuer": achievement.issuer,
            "page_url": f"{settings.SITE_URL}/me/wallet/",
        }
        notices.letter(request.award.learner, f"name-{request.uuid}", "name_declined", context).send()


def say_goodbye(former: User, request: ErasureRequest) -> None:
    """Say to the address that was kept until now, and is kept nowhere any more, that everything is erased."""
    notices.letter(former, f"erased-{request.uuid}", "erased", {"site": settings.SITE_URL}).send()
