import json
from base64 import b64encode

import pytest

import meloformer as mf
from meloformer.app.jobs import store
from meloformer.engine.piece import Piece
from ui.http_api import callers


def events_of(client, job, **headers):
    """Return the events of a job: what each is, its number, and its data."""
    text = client.get(job["events"], headers=headers).text
    for block in filter(None, text.split("\n\n")):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
        yield lines["event"], int(lines.get("id", 0)), json.loads(lines["data"])


def test_a_song_is_continued_a_bar_at_a_time(client, ask, midi, tune):
    job = ask("continue", midi=midi, name="tune", bars=2, versions=2, seed=5)
    assert job["kind"] == "continue"
    assert job["bars_asked"] == 4
    *bars, (last, _, ended) = events_of(client, job)
    assert [(kind, number) for kind, number, _ in bars] == [("bar", n) for n in (1, 2, 3, 4)]
    assert sorted((bar["version"], bar["bar"]) for _, _, bar in bars) == [
        *((1, 1), (1, 2), (2, 1), (2, 2))
    ]
    assert last == "end"
    assert ended == client.get(job["url"]).json()
    assert ended["status"] == "finished"
    assert [one["seed"] for one in ended["versions"]] == [5, 6]
    for version, file in zip(ended["versions"], ended["files"], strict=True):
        answer = client.get(file["url"])
        assert answer.headers["content-type"] == "audio/midi"
        assert len(answer.content) == file["bytes"]
        whole = mf.open(answer.content)
        assert whole.num_bars == 6
        assert whole.recipe is not None
        assert whole.recipe.seed == version["seed"]


def test_a_stream_that_was_cut_goes_on_where_it_was(client, ask, finish, midi):
    job = ask("continue", midi=midi, bars=3)
    finish(job)
    kinds = [(kind, number) for kind, number, _ in events_of(client, job, **{"Last-Event-ID": "2"})]
    assert kinds == [("bar", 3), ("end", 0)]


def test_it_is_the_music_that_python_writes(client, ask, finish, midi, tune, app_state, tmp_path):
    from meloformer import checkpoint

    checkpoint.save(tmp_path / "model", app_state.model, app_state.card)
    asked = {"bars": 2, "seed": 3, "chords": "Am F", "density": "0.5"}
    (take,) = mf.continue_(mf.open(tune, name="song"), **asked, model=tmp_path / "model")
    ended = finish(ask("continue", midi=midi, **asked))
    assert client.get(ended["files"][0]["url"]).content == take.to_bytes()


def test_bars_are_written_again(client, ask, finish, midi):
    ended = finish(ask("rewrite", midi=midi, bars="2-3", lock="bass"))
    assert ended["status"] == "finished"
    assert mf.open(client.get(ended["files"][0]["url"]).content).num_bars == 4


def test_an_opening_is_composed(client, ask, finish):
    ended = finish(ask("compose", bars=2, parts="piano, bass", key="Am", metre="3/4"))
    song = mf.open(client.get(ended["files"][0]["url"]).content)
    assert song.num_bars == 2
    assert set(song.parts) == {"Piano", "Electric Bass (finger)"} or len(song.parts) == 2


@pytest.mark.parametrize(("format", "kind"), [("wav", "audio/wav"), ("mp3", "audio/mpeg")])
def test_a_song_is_rendered(client, ask, finish, midi, format, kind):
    ended = finish(ask("render", midi=midi, format=format))
    (file,) = ended["files"]
    assert file["name"] == f"sound.{format}"
    assert client.get(file["url"]).headers["content-type"] == kind


def test_a_song_is_described(client, midi):
    said = client.post("describe", json={"midi": midi, "name": "tune"}).json()
    assert (said["name"], said["bars"], said["tempo"]) == ("tune", 4, 96.0)
    assert len(said["parts"]) == 2
    assert len(said["chords"]) == 4


def test_the_models_are_listed_with_the_apps_own_first(client, card):
    first = client.get("models").json()[0]
    assert first["name"] == card.name
    assert first["is_default"]


def test_a_job_takes_turns_and_counts_as_a_run_of_the_page_does(ask, finish, midi, app_state):
    finish(ask("continue", midi=midi, bars=2))
    text = app_state.metrics.text().decode()
    assert "meloformer_bars_total 2.0" in text
    assert 'meloformer_runs_total{outcome="finished"} 1.0' in text


def test_a_job_that_is_cancelled_keeps_what_it_has(client, ask, finish, midi, app_state):
    with app_state.turns.take():  # as another run that is being written
        job = ask("continue", midi=midi, bars=64)
        assert client.get(job["url"]).json()["status"] == "waiting"
        client.post(f"{job['url']}/cancel")
    ended = finish(job)
    assert ended["status"] == "cancelled"
    assert ended["bars_written"] == 0
    assert ended["files"] == []


def test_a_job_that_is_forgotten_leaves_nothing(client, ask, finish, midi, jobs, tmp_path):
    job = ask("continue", midi=midi, bars=1)
    finish(job)
    assert client.delete(job["url"]).status_code == 204
    assert client.get(job["url"]).status_code == 404
    assert list((tmp_path / "jobs").iterdir()) == []


def test_nobody_has_more_jobs_at_once_than_there_may_be(client, ask, finish, midi, app_state):
    with app_state.turns.take():
        begun = [ask("continue", midi=midi, bars=1) for _ in range(store.MAX_ACTIVE)]
        refused = client.post("continue", json={"midi": midi})
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert "4 jobs" in refused.json()["problem"]
    for job in begun:
        finish(job)
    assert client.post("compose", json={"bars": 1}).status_code == 202


def test_what_is_refused_takes_no_place(client, midi, jobs):
    for _ in range(store.MAX_ACTIVE + 1):
        assert client.post("continue", json={"midi": midi, "from_bar": 99}).status_code == 422
    assert len(jobs) == 0


def test_nobody_follows_too_many_jobs(client, ask, midi, called):
    job = ask("continue", midi=midi, bars=1)
    called.streams[""] = callers.MAX_STREAMS
    assert client.get(job["events"]).status_code == 429
    called.streams.clear()
    assert client.get(job["events"]).status_code == 200
    assert not called.streams


def test_files_are_read_a_few_at_a_time(client, called, monkeypatch, midi):
    at_once = []

    def read(*args):
        at_once.append(called.reading.borrowed_tokens)
        return real(*args)

    real = Piece.read
    monkeypatch.setattr(Piece, "read", read)
    assert client.post("describe", json={"midi": midi}).status_code == 200
    assert at_once == [1]
    assert called.reading.total_tokens == callers.MAX_READ_AT_ONCE


def test_where_there_is_no_sound_a_sentence_says_so(client, app_state, midi):
    app_state.renderer._synth = None
    answer = client.post("render", json={"midi": midi})
    assert answer.status_code == 422
    assert answer.json()["problem"].startswith("There is nothing to play")


def test_a_file_that_is_no_music_is_refused_in_a_sentence(client):
    nonsense = b64encode(b"nonsense").decode()
    answer = client.post("continue", json={"midi": nonsense})
    assert answer.status_code == 422
    assert "not a MIDI file" in answer.json()["problem"]
