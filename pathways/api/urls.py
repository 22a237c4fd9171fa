"""The addresses of the API of learning."""

from django.urls import path

from pathways.api import catalogue, choices, grades, planning, progress

urlpatterns = [
    path("achievements/", catalogue.Achievements.as_view(), name="api-achievements"),
    path("achievements/<slug:slug>/", catalogue.OneAchievement.as_view(), name="api-achievement"),
    path("courses/", catalogue.Courses.as_view(), name="api-courses"),
    path("courses/<slug:slug>/", catalogue.OneCourse.as_view(), name="api-course"),
    path("courses/<slug:slug>/grades/", grades.CourseGrades.as_view(), name="api-course-grades"),
    path("pathways/", catalogue.Pathways.as_view(), name="api-pathways"),
    path("pathways/<slug:slug>/", catalogue.OnePathway.as_view(), name="api-pathway"),
    path("me/courses/", progress.MyCourses.as_view(), name="api-me-courses"),
    path("me/grades/", progress.MyGrades.as_view(), name="api-me-grades"),
    path("me/awards/", progress.MyAwards.as_view(), name="api-me-awards"),
    path("me/pathways/<slug:slug>/plan/", planning.MyPathwayPlan.as_view(), name="api-me-pathway-plan"),
    path("me/pathways/<slug:slug>/prospects/", progress.MyPathwayProspects.as_view(), name="api-me-pathway-prospects"),
    path("me/pathways/<slug:slug>/pins/", choices.MyPins.as_view(), name="api-me-pathway-pins"),
    path("me/pathways/<slug:slug>/pins/<uuid:uuid>/", choices.OnePin.as_view(), name="api-me-pathway-pin"),
    path("me/pathways/<slug:slug>/", progress.MyPathway.as_view(), name="api-me-pathway"),
]
