"""The addresses of instructors."""

from django.urls import path

from pathways.views import authoring, grader, teaching

urlpatterns = [
    path("", teaching.show_desk, name="teach"),
    path("drafts/", teaching.show_drafts, name="teach-drafts"),
    path("drafts/release/", teaching.release_drafts, name="teach-release"),
    path("mark/<uuid:submission_uuid>/", grader.mark, name="teach-mark"),
    path("mark/<uuid:submission_uuid>/foresee/", grader.foresee, name="teach-foresee"),
    path("courses/<slug:slug>/", teaching.show_course, name="teach-course"),
    path("courses/<slug:slug>/build/", authoring.show_outline, name="build"),
    path("courses/<slug:slug>/marks/<slug:assessment_slug>/", teaching.enter_marks, name="teach-marks"),
]
