"""Makes, keeps and checks credentials; knows nothing of courses."""
