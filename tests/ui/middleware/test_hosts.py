import pytest

from meloformer.errors import ConfigError
from ui.middleware.hosts import HostMiddleware, require_names


@pytest.mark.parametrize(
    "name", ["http://music.example", "music.example:443", "music.example/", "", "a b", "[", "müsik"]
)
def test_what_is_no_name_of_a_machine_is_refused(name):
    with pytest.raises(ConfigError, match="no name of a machine"):
        require_names(["fine.example", name])


def test_names_are_answered_to_in_any_case():
    names = ["Music.School.example", "band"]
    require_names(names)
    app = HostMiddleware(None, host="127.0.0.1", names=names)
    for host in ("music.school.EXAMPLE", "BAND:7860", "127.0.0.1:1", "[::1]:7860"):
        assert app.answers_to(host)
    assert not app.answers_to("music.school.example.evil")
