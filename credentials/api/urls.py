"""The addresses of the API of credentials."""

from django.urls import path

from credentials.api import checking, claiming, endorsing, holding

urlpatterns = [
    path("me/credentials/", holding.MyCredentials.as_view(), name="api-me-credentials"),
    path("me/credentials/<uuid:uuid>/document/", holding.MyDocument.as_view(), name="api-me-document"),
    path("me/records/", holding.MyRecords.as_view(), name="api-me-records"),
    path("me/records/<uuid:uuid>/document/", holding.MyRecordDocument.as_view(), name="api-me-record"),
    path("me/claims/", claiming.MyClaims.as_view(), name="api-me-claims"),
    path("me/claims/<uuid:uuid>/", claiming.OneClaim.as_view(), name="api-me-claim"),
    path("me/claims/<uuid:uuid>/key/", claiming.ClaimKey.as_view(), name="api-me-claim-key"),
    path("endorsements/received/", endorsing.ReceivedEndorsements.as_view(), name="api-endorsements-received"),
    path(
        "endorsements/received/<uuid:uuid>/withdraw/",
        endorsing.WithdrawEndorsement.as_view(),
        name="api-endorsement-withdraw",
    ),
    path("endorsements/given/", endorsing.GivenEndorsements.as_view(), name="api-endorsements-given"),
    path(
        "endorsements/given/<uuid:uuid>/take-back/",
        endorsing.TakeBackEndorsement.as_view(),
        name="api-endorsement-take-back",
    ),
    path("verify/many/", checking.AskForSheet.as_view(), name="api-verify-many"),
    path("verify/many/<str:code>/", checking.SheetLines.as_view(), name="api-check-sheet"),
    path("verify/", checking.Verify.as_view(), name="api-verify"),
]
