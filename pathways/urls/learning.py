"""The addresses of a learner's own pages."""

from django.urls import path

from pathways.views import (
    activity,
    assessments,
    choices,
    experience,
    learning,
    planning,
    settings,
    study,
    submissions,
    wallet,
)

_MATERIAL = "courses/<slug:course>/<slug:module>/<slug:material>/"

urlpatterns = [
    path("", learning.show_today, name="me"),
    path("pathways/<slug:slug>/", learning.show_sheet, name="me-pathway"),
    path("pathways/<slug:slug>/prospects/", learning.show_prospects, name="me-pathway-prospects"),
    path("pathways/<slug:slug>/choices/", choices.show_choices, name="me-pathway-choices"),
    path("pathways/<slug:slug>/choices/<uuid:uuid>/back/", choices.take_back, name="me-pathway-choice-back"),
    path("pathways/<slug:slug>/newer-rule/", learning.move_up, name="me-pathway-newer"),
    path("pathways/<slug:slug>/plan/", planning.show_pathway_plan, name="me-pathway-plan"),
    path("pathways/<slug:slug>/what-if/", planning.show_what_if, name="me-pathway-what-if"),
    path("plans/", planning.show_plans, name="me-plans"),
    path("plans/new/", planning.show_plan, name="me-plan"),
    path("plans/keep/", planning.keep_plan, name="me-plan-keep"),
    path("plans/compare/", planning.compare, name="me-plan-compare"),
    path("plans/skills/", planning.show_skills, name="me-plan-skills"),
    path("plans/what-if/", planning.show_what_if_for, name="me-what-if"),
    path("plans/<uuid:uuid>/", planning.show_kept, name="me-kept-plan"),
    path("plans/<uuid:uuid>/drop/", planning.drop_plan, name="me-kept-plan-drop"),
    path("courses/<slug:slug>/", study.continue_course, name="me-course"),
    path(_MATERIAL, study.show_material, name="me-material"),
    path(f"{_MATERIAL}done/", study.tick, name="me-material-done"),
    path(f"{_MATERIAL}try/", study.try_exercise, name="me-material-try"),
    path(f"{_MATERIAL}file/", study.send_material_file, name="me-material-file"),
    path(f"{_MATERIAL}captions/", study.send_captions, name="me-material-captions"),
    path("assessments/<uuid:uuid>/", assessments.show_assessment, name="assessment"),
    path("assessments/<uuid:uuid>/save/", assessments.save, name="assessment-save"),
    path("assessments/<uuid:uuid>/files/", assessments.add_files, name="assessment-files"),
    path("assessments/<uuid:uuid>/files/<uuid:file>/remove/", assessments.remove_file, name="assessment-file-remove"),
    path("assessments/<uuid:uuid>/submit/", assessments.submit, name="assessment-submit"),
    path("submissions/<uuid:uuid>/", submissions.show_submission, name="submission"),
    path("submissions/<uuid:uuid>/files/<uuid:file>/", submissions.send_file, name="submission-file"),
    path("wallet/", wallet.show_wallet, name="me-wallet"),
    path("wallet/<uuid:uuid>/", wallet.show_credential, name="me-credential"),
    path("wallet/<uuid:uuid>/share/", wallet.share, name="me-credential-share"),
    path("wallet/<uuid:uuid>/files/<slug:kind>/", wallet.send_rendition, name="me-credential-file"),
    path("experience/", experience.show_own, name="me-experience"),
    path("activity/", activity.show_activity, name="me-activity"),
    path("settings/", settings.change_settings, name="me-settings"),
    path("data/", settings.send_data, name="me-data"),
]
