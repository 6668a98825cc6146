"""Working days and working hours (工作日历)."""
