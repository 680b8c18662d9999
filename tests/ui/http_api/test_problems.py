import pytest

from ui.http_api.bodies import KIND_OF, MAX_CHARACTERS

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"bars": 65}, "`bars` is refused: input should be less than or equal to 64."),
        ({"bars": 10**400}, "`bars` is refused"),
        ({"bars": 1e30}, "`bars` is refused"),
        ({"bars": "8"}, "`bars` is refused"),
        ({"bars": True}, "`bars` is refused"),
        ({"bars": None}, "`bars` is refused"),
        ({"seed": -1}, "`seed` is refused"),
        ({"seed": 2**32}, "`seed` is refused"),
        ({"adventure": 1.5}, "`adventure` is refused"),
        ({"parts": ["piano"]}, "`parts` is refused"),
        ({"parts": "x" * 1_001}, "`parts` is refused"),
        ({"tempo": "1e999"}, "tempo"),
        ({"metre": "4/0"}, "4/0"),
        ({"chords": "Xyz"}, "`Xyz` is not a chord"),
        ({"model": "../../etc/passwd"}, "There is no model named"),
        ({"colour": "blue"}, "`colour` is refused: extra inputs are not permitted."),
        ({str(number): 1 for number in range(100)}, "more fields than there are"),
        ([], "The body has to be an object of JSON"),
        (None, "The body has to be an object of JSON"),
        (1, "The body has to be an object of JSON"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(client, body, said):
    answer = client.post("compose", json=body)
    assert answer.status_code == 422
    problem = answer.json()
    assert set(problem) == {"problem", "hint"}
    assert said in problem["problem"]
    assert problem["problem"].endswith((".", "?", "!"))


@pytest.mark.parametrize(
    "content", [b"{", b"[" * 200_000, b"\xff", b'{"seed": ' + b"9" * 5_000 + b"}", b"NaN", b""]
)
def test_what_is_no_json_is_refused(client, content):
    answer = client.post("compose", content=content, headers=JSON)
    assert answer.status_code in (400, 422)
    assert set(answer.json()) == {"problem", "hint"}


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_is_refused(client, text):
    answer = client.post("compose", content=f'{{"adventure": {text}}}', headers=JSON)
    assert answer.status_code == 422


def test_json_has_to_be_said_to_be_json(client):
    answer = client.post("compose", content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 422
    assert "application/json" in answer.json()["hint"]


@pytest.mark.parametrize("midi", ["%%%", "AAA", "é", "A" * (MAX_CHARACTERS + 4), 1, None, [], {}])
def test_a_file_has_to_be_base64_and_no_larger_than_a_file_may_be(client, midi):
    answer = client.post("continue", json={"midi": midi})
    assert answer.status_code == 422
    assert answer.json()["problem"].startswith("`midi` is refused")


@pytest.mark.parametrize(
    "path", ["nothing", "jobs/x", "jobs/x/files/..%2f..%2fetc%2fpasswd", "jobs/x%0a"]
)
def test_what_is_not_there_is_told_in_the_same_shape(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert set(answer.json()) >= {"problem", "hint"}


def test_files_are_those_of_the_job_and_no_others(client, ask, finish):
    ended = finish(ask("compose", bars=1))
    for name in ("%2e%2e%2fversion-1.mid", "%2e%2e", "version-2.mid", ".mid", "%00"):
        assert client.get(f"{ended['url']}/files/{name}").status_code == 404


def test_another_method_is_refused(client):
    answer = client.put("continue")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


def test_a_mistake_of_ours_is_told_without_what_it_was(client, monkeypatch):
    monkeypatch.setattr("ui.http_api.writing.model_answers", lambda app_state: 1 / 0)
    monkeypatch.setattr(client._transport, "raise_server_exceptions", False)
    answer = client.get("models")
    assert answer.status_code == 500
    assert set(answer.json()) == {"problem", "hint"}
    assert "division" not in answer.text


def test_every_call_is_described_with_its_answers(client):
    described = client.get("openapi.json").json()
    calls = {(method, path) for path, methods in described["paths"].items() for method in methods}
    assert calls == {
        *(("post", f"/{kind}") for kind in KIND_OF.values()),
        *(("post", "/render"), ("post", "/describe"), ("get", "/models")),
        *(("get", "/jobs/{job}"), ("delete", "/jobs/{job}"), ("post", "/jobs/{job}/cancel")),
        *(("get", "/jobs/{job}/events"), ("get", "/jobs/{job}/files/{file}")),
    }
    schemas = described["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    assert schemas["ContinueBody"]["properties"]["bars"]["maximum"] == 64
