"""Shows people in Django's own administration: who may come in is decided here; what unlocks an account is not."""

from typing import Any, cast

# Registered first, so that what they show can be replaced below.
import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from portal.accounts.models import User
from portal.shared import audit
from portal.shared.models import AuditEntry

# Roles are granted per issuer and per course; groups decide nothing here. A session's key would let its reader in.
for model in (Group, EmailAddress, UserSession, Authenticator):
    admin.site.unregister(model)


def _administrator(request: HttpRequest) -> User:
    """Whoever asks, whom the administration has signed in."""
    return cast(User, request.user)


@admin.register(User)
class PersonAdmin(admin.ModelAdmin):
    """People make their accounts themselves; nobody is deleted, since what they earned outlives an account."""

    list_display = ("name", "email", "is_active", "is_superuser", "joined_at")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("name", "email")
    ordering = ("name", "email")
    list_per_page = 50
    fields = ("name", "email", "is_active", "is_staff", "is_superuser", "joined_at", "last_login")
    readonly_fields = ("name", "email", "joined_at", "last_login")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        # Nobody locks out themselves; somebody else must do it.
        return self.fields if obj == request.user else self.readonly_fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        if not form.changed_data:
            return
        super().save_model(request, obj, form, change)
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        audit.note("change account", obj, actor=_administrator(request), at=timezone.now(), concerns=obj, **changed)


@admin.register(Authenticator)
class SecondFactorAdmin(admin.ModelAdmin):
    """Second factors, without their secrets: one that was lost is removed here, and its holder sets up another."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__name", "user__email")
    fields = ("user", "type", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        self._note(request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for each in queryset.select_related("user"):
            self._note(request, each)
        super().delete_queryset(request, queryset)

    def _note(self, request: HttpRequest, obj: Authenticator) -> None:
        audit.note(
            "remove second factor",
            obj.user,
            actor=_administrator(request),
            at=timezone.now(),
            concerns=obj.user,
            type=obj.type,
        )


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):
    """Who did what, to whom and why, to look at."""

    list_display = ("at", "actor", "act", "subject_words", "reason")
    list_filter = ("act",)
    list_select_related = ("actor",)
    search_fields = ("subject_words", "actor__name", "actor__email", "act")
    date_hierarchy = "at"
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False
