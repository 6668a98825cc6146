"""Wake-ups between processes: in-process or Redis, one interface; loss is allowed."""
