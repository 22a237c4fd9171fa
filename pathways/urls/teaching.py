"""The addresses of instructors."""

from django.urls import include, path

from pathways.views import (
    authoring,
    authoring_parts,
    authoring_preview,
    authoring_questions,
    grader,
    teaching,
)

# A course under the hands of its authors.
_build = [
    path("", authoring.show_outline, name="build"),
    path("about/", authoring.edit_course, name="build-about"),
    path("people/", authoring.show_people, name="build-people"),
    path("people/<uuid:person_uuid>/remove/", authoring.remove_person, name="build-person-remove"),
    path("state/<slug:act>/", authoring.change_state, name="build-state"),
    path("move/<slug:kind>/<slug:key>/<slug:way>/", authoring.move, name="build-move"),
    path("remove/<slug:kind>/<slug:key>/", authoring.remove, name="build-remove"),
    path("modules/new/", authoring_parts.add_module, name="build-module-new"),
    path("modules/<slug:module>/", authoring_parts.edit_module, name="build-module"),
    path("modules/<slug:module>/new/<slug:kind>/", authoring_parts.add_material, name="build-material-new"),
    path("materials/<uuid:uuid>/", authoring_parts.edit_material, name="build-material"),
    path("assessments/new/<slug:kind>/", authoring_parts.add_assessment, name="build-assessment-new"),
    path("assessments/<uuid:uuid>/", authoring_parts.edit_assessment, name="build-assessment"),
    path("assessments/<uuid:uuid>/rubric/", authoring_questions.edit_rubric, name="build-rubric"),
    path("questions/<slug:kind>/<uuid:uuid>/", authoring_questions.list_questions, name="build-questions"),
    path(
        "questions/<slug:kind>/<uuid:uuid>/new/<slug:question_kind>/",
        authoring_questions.add_question,
        name="build-question-new",
    ),
    path(
        "questions/<slug:kind>/<uuid:uuid>/<uuid:question>/", authoring_questions.edit_question, name="build-question"
    ),
    path(
        "questions/<slug:kind>/<uuid:uuid>/<uuid:question>/remove/",
        authoring_questions.remove_question,
        name="build-question-remove",
    ),
    path("preview/", authoring_preview.preview_course, name="build-preview"),
    path("preview/materials/<uuid:uuid>/", authoring_preview.preview_material, name="build-preview-material"),
    path("preview/materials/<uuid:uuid>/file/", authoring_preview.preview_file, name="build-preview-file"),
    path("preview/materials/<uuid:uuid>/captions/", authoring_preview.preview_captions, name="build-preview-captions"),
    path("preview/assessments/<uuid:uuid>/", authoring_preview.preview_assessment, name="build-preview-assessment"),
]

urlpatterns = [
    path("", teaching.show_desk, name="teach"),
    path("drafts/", teaching.show_drafts, name="teach-drafts"),
    path("drafts/release/", teaching.release_drafts, name="teach-release"),
    path("mark/<uuid:submission_uuid>/", grader.mark, name="teach-mark"),
    path("mark/<uuid:submission_uuid>/foresee/", grader.foresee, name="teach-foresee"),
    path("courses/new/", authoring.create_course, name="teach-course-new"),
    path("courses/<slug:slug>/", teaching.show_course, name="teach-course"),
    path("courses/<slug:slug>/build/", include(_build)),
    path("courses/<slug:slug>/marks/<slug:assessment_slug>/", teaching.enter_marks, name="teach-marks"),
]
