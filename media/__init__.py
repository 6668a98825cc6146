"""Photos as evidence: sniff, inspect, derive, watermark and store; no database and no HTTP."""
