"""The public HTTP API, `/api/v1`: what other programs may ask of the app, described by OpenAPI."""
