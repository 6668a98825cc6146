"""The lists as files: spreadsheets read and written."""
