"""How a draft of a rule is to be applied: from which day, for whom, and with what when an award no longer stands."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from pathways import access, versions
from pathways.forms.terms import TermsForm
from pathways.models import RuleVersion
from portal.accounts.signed_in import SignedInRequest
from portal.shared.refusals import Refusal


@login_required
def set_terms(request: SignedInRequest, slug: str) -> HttpResponse:
    achievement = access.achievement_for_registrar(request.user, slug)
    draft = get_object_or_404(RuleVersion, achievement=achievement, state=RuleVersion.State.DRAFT)
    initial = {name: getattr(draft, name) for name in ("effective_on", "applies_by", "on_fall", "revision")}
    form = TermsForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = dict(form.cleaned_data)
            draft.revision = said.pop("revision")
            try:
                versions.set_terms(draft=draft, by=request.user, at=timezone.now(), **said)
            except Refusal as refusal:
                status = refusal.status
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Saved. Another registrar can now publish the draft."))
                return redirect("registry-rule", achievement.slug)
    return render(request, "pathways/registry/terms.html", {"achievement": achievement, "form": form}, status=status)
