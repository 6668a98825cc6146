"""From a report to a case that is filed."""
