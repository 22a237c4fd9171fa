"""The addresses of the API of credentials."""

from django.urls import path

from credentials.api import checking, holding

urlpatterns = [
    path("me/credentials/", holding.MyCredentials.as_view(), name="api-me-credentials"),
    path("me/credentials/<uuid:uuid>/document/", holding.MyDocument.as_view(), name="api-me-document"),
    path("me/records/", holding.MyRecords.as_view(), name="api-me-records"),
    path("me/records/<uuid:uuid>/document/", holding.MyRecordDocument.as_view(), name="api-me-record"),
    path("verify/many/", checking.AskForSheet.as_view(), name="api-verify-many"),
    path("verify/many/<str:code>/", checking.SheetLines.as_view(), name="api-check-sheet"),
    path("verify/", checking.Verify.as_view(), name="api-verify"),
]
