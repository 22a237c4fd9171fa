"""Shows what is kept in Django's own administration, to be read; whatever an act exists for is done by the act."""

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from credentials.models import (
    Achievement,
    Award,
    Checkpoint,
    Credential,
    Issuer,
    IssuerRole,
    LogEntry,
    Rendition,
    SigningKey,
    StatusEvent,
    StatusList,
    WalletClient,
)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows to look at. A change here would leave no audit line and no leaf in the log (I5, I13)."""

    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


# The library would let administrators make tokens by which to read what learners hold.
_of_the_library: list[type[Model]] = [WalletClient, *apps.get_app_config("oauth2_provider").get_models()]
admin.site.unregister([each for each in _of_the_library if admin.site.is_registered(each)])


@admin.register(WalletClient)
class WalletClientAdmin(ReadOnlyAdmin):
    list_display = ("name", "about", "software_id", "created")
    search_fields = ("name", "about", "software_id")
    exclude = ("client_secret",)


@admin.register(Issuer)
class IssuerAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "parent", "country_code")
    search_fields = ("name", "slug")


@admin.register(IssuerRole)
class IssuerRoleAdmin(ReadOnlyAdmin):
    list_display = ("user", "role", "issuer")
    list_filter = ("role",)
    list_select_related = ("user", "issuer")


@admin.register(Achievement)
class AchievementAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "issuer", "kind", "state", "version")
    list_filter = ("state", "kind")
    list_select_related = ("issuer",)
    search_fields = ("name", "slug")


@admin.register(Award)
class AwardAdmin(ReadOnlyAdmin):
    list_display = ("achievement", "learner", "standing", "awarded_on", "valid_until")
    list_filter = ("standing",)
    list_select_related = ("achievement", "learner")
    search_fields = ("learner__email", "achievement__slug")
    show_full_result_count = False


@admin.register(Credential)
class CredentialAdmin(ReadOnlyAdmin):
    list_display = ("uuid", "award", "state", "issued_at", "logged_at")
    list_filter = ("state",)
    list_select_related = ("award__achievement", "award__learner")
    search_fields = ("uuid", "award__learner__email")
    # I12: salts link a person to a leaf and to a hash; they are shown nowhere.
    exclude = ("leaf_salt", "identity_salt")
    show_full_result_count = False


@admin.register(StatusEvent)
class StatusEventAdmin(ReadOnlyAdmin):
    list_display = ("credential", "act", "reason", "by", "at")
    list_filter = ("act", "reason")
    list_select_related = ("credential__award__achievement", "by")


@admin.register(StatusList)
class StatusListAdmin(ReadOnlyAdmin):
    list_display = ("issuer", "number", "is_open", "version", "published_version", "published_at")
    list_select_related = ("issuer",)
    exclude = ("document",)


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyAdmin):
    list_display = ("public_multibase", "purpose", "state", "issuer", "created_at", "activated_at")
    list_filter = ("purpose", "state")
    list_select_related = ("issuer",)


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    list_display = ("index", "kind", "recorded_at")
    list_filter = ("kind",)
    fields = ("index", "kind", "recorded_at", "credential", "key")
    show_full_result_count = False


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnlyAdmin):
    list_display = ("size", "at")
    fields = ("size", "note", "at")


@admin.register(Rendition)
class RenditionAdmin(ReadOnlyAdmin):
    list_display = ("credential", "kind", "size", "made_at")
    list_filter = ("kind",)
    list_select_related = ("credential__award__achievement",)
    show_full_result_count = False
