"""What both domains use and neither owns: jobs for later, audit, refusals, pages. Knows neither domain."""
