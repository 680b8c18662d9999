"""One more token on a CPU: the fast path beside the plain one. Imported when it is first taken."""
