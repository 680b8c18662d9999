"""The page that shows the API, and tries it: Swagger UI, from this app and no other host."""

from ui.components import MODULES, modules_version

# The validator is another host that would be asked whether the description is right.
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MeloFormer: the HTTP API</title>
<link rel="icon" href="../../favicon.ico">
<link rel="stylesheet" href="{folder}/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="{folder}/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({{ url: "openapi.json", dom_id: "#api", validatorUrl: null }});
</script>
</body>
</html>
"""


def docs_page() -> str:
    """Return the page, as HTML."""
    return _PAGE.format(folder=f"../../{MODULES}/{modules_version()}/vendor/swagger-ui")
