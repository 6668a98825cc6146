"""Cases (案件): intake, life, tasks, calls, queries."""
