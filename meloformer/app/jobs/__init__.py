"""Jobs that programs ask for over HTTP: begun, looked at and fetched by name."""
