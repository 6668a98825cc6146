"""Whether a unit did its duty in a case, as a record to read and to print (容错)."""
