"""The addresses of registrars, and of administrators of issuers."""

from django.urls import path

from pathways.views import (
    registry_achievements,
    registry_awards,
    registry_desk,
    registry_impact,
    registry_issuers,
    registry_pathways,
    registry_rollouts,
    registry_rules,
    registry_rulings,
    signing,
)

_ACHIEVEMENT = "achievements/<slug:slug>/"
_ISSUER = "issuers/<slug:slug>/"

urlpatterns = [
    path("", registry_desk.show_desk, name="registry"),
    path("achievements/", registry_achievements.list_achievements, name="registry-achievements"),
    path("achievements/new/", registry_achievements.create_achievement, name="registry-achievement-new"),
    path(_ACHIEVEMENT, registry_achievements.show_achievement, name="registry-achievement"),
    path(f"{_ACHIEVEMENT}edit/", registry_achievements.edit_achievement, name="registry-achievement-edit"),
    path(f"{_ACHIEVEMENT}badge.svg", registry_achievements.show_badge, name="registry-badge"),
    path(f"{_ACHIEVEMENT}publish/", registry_achievements.publish_achievement, name="registry-achievement-publish"),
    path(f"{_ACHIEVEMENT}withdraw/", registry_achievements.withdraw_achievement, name="registry-achievement-withdraw"),
    path(f"{_ACHIEVEMENT}award/", registry_awards.confer, name="registry-confer"),
    path(f"{_ACHIEVEMENT}rule/", registry_rules.edit_rule, name="registry-rule"),
    path(f"{_ACHIEVEMENT}rule/publish/", registry_rules.publish_rule, name="registry-rule-publish"),
    path(f"{_ACHIEVEMENT}rule/compare/", registry_rules.compare_versions, name="registry-rule-compare"),
    path(f"{_ACHIEVEMENT}rule/<int:number>/", registry_rules.show_version, name="registry-rule-version"),
    path(f"{_ACHIEVEMENT}exception/", registry_rulings.propose_exception, name="registry-exception-new"),
    path("exceptions/", registry_rulings.list_rulings, name="registry-exceptions"),
    path("exceptions/<uuid:uuid>/", registry_rulings.show_ruling, name="registry-exception"),
    path("exceptions/<uuid:uuid>/<slug:act>/", registry_rulings.decide, name="registry-exception-decide"),
    path("facts/", registry_rulings.attest_fact, name="registry-fact-new"),
    path("reviews/", registry_rulings.list_reviews, name="registry-reviews"),
    path("sign-offs/", signing.show_desk, name="signing"),
    path("sign-offs/<slug:slug>/<str:node>/<uuid:learner>/", signing.sign_off, name="sign-off"),
    path("signatories/", signing.list_signatories, name="registry-signatories"),
    path("signatories/<int:pk>/dismiss/", signing.dismiss, name="registry-signatory-dismiss"),
    path(f"{_ACHIEVEMENT}rule/impact/", registry_impact.show_impact, name="registry-rule-impact"),
    path(f"{_ACHIEVEMENT}rule/impact/people.csv", registry_impact.download_impact, name="registry-rule-impact-csv"),
    path("rollouts/", registry_rollouts.list_rollouts, name="registry-rollouts"),
    path("rollouts/<uuid:uuid>/", registry_rollouts.show_rollout, name="registry-rollout"),
    path("rollouts/<uuid:uuid>/<slug:act>/", registry_rollouts.change_rollout, name="registry-rollout-act"),
    path("awards/", registry_awards.list_awards, name="registry-awards"),
    path("awards/<uuid:uuid>/", registry_awards.show_award, name="registry-award"),
    path("awards/<uuid:uuid>/<slug:act>/", registry_awards.change_standing, name="registry-award-change"),
    path("pathways/", registry_pathways.list_pathways, name="registry-pathways"),
    path("pathways/new/", registry_pathways.create_pathway, name="registry-pathway-new"),
    path("pathways/<slug:slug>/", registry_pathways.edit_pathway, name="registry-pathway"),
    path("pathways/<slug:slug>/<slug:act>/", registry_pathways.change_state, name="registry-pathway-state"),
    path("issuers/new/", registry_issuers.create_issuer, name="registry-issuer-new"),
    path(_ISSUER, registry_issuers.show_issuer, name="registry-issuer"),
    path(f"{_ISSUER}roles/", registry_issuers.grant_role, name="registry-role-grant"),
    path(f"{_ISSUER}roles/<int:role>/withdraw/", registry_issuers.withdraw_role, name="registry-role-withdraw"),
    path(f"{_ISSUER}keys/<uuid:uuid>/rotate/", registry_issuers.rotate_key, name="registry-key-rotate"),
    path(f"{_ISSUER}keys/<uuid:uuid>/compromised/", registry_issuers.mark_compromised, name="registry-key-compromised"),
]
