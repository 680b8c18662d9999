import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from meloformer.errors import ConfigError, RunError
from meloformer.runs.config import TrainConfig
from meloformer.runs.processes import ProcessIdentity, read_pid_file
from meloformer.runs.workspace import (
    SUPERVISOR,
    TRAINER,
    Run,
    RunRequest,
    RunState,
    Status,
    begin_run,
    create_run,
    list_runs,
    open_run,
    read_state,
    validate_name,
    write_pid_file,
    write_state,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def config(tmp_path: Path) -> TrainConfig:
    return TrainConfig(shards=tmp_path / "shards", run=tmp_path, steps=100)


@pytest.fixture
def run(root: Path, config: TrainConfig) -> Run:
    return create_run("songs", config, root)


def leave_mark(run: Run, name: str = SUPERVISOR, **changes: object) -> None:
    """Announce this process, changed as if it were another."""
    write_pid_file(run.folder, name)
    process = read_pid_file(run.folder, name)
    changed = dataclasses.replace(process, **changes)
    (run.folder / name).write_text(json.dumps(dataclasses.asdict(changed)))


@pytest.mark.parametrize("name", ["songs", "my songs 2", "Für-Elise_1", "a" * 60])
def test_names_a_musician_would_give_are_taken(name: str) -> None:
    assert validate_name(name) == name


def test_names_that_look_alike_are_one(root: Path, config: TrainConfig) -> None:
    assert create_run("\uff32\uff25\uff26", config, root).name == "REF"
    assert open_run("\uff32EF", root).name == "REF"
    for name in ("REF", "ref", "\uff32\uff25\uff26"):
        with pytest.raises(RunError, match="already"):
            create_run(name, config, root)


NO_NAMES = [
    "..",
    ".",
    ".a",
    "a/b",
    "a\\b",
    "/a",
    "a.b",
    "-a",
    "--",
    "con",
    "Nul",
    "COM1",
    "a:b",
    "~",
]


@pytest.mark.parametrize(
    "name", [*NO_NAMES, "", " ", " a", "a ", "a\0", "a\n", "$HOME", "a;b", "a" * 61]
)
def test_names_that_could_lie_elsewhere_are_refused(name: str, root: Path) -> None:
    with pytest.raises(RunError):
        validate_name(name)
    with pytest.raises(RunError):
        open_run(name, root)


def test_a_run_remembers_its_settings(run: Run, config: TrainConfig, tmp_path: Path) -> None:
    assert run.config() == dataclasses.replace(config, run=run.folder)
    run.folder.rename(tmp_path / "elsewhere")
    assert Run(tmp_path / "elsewhere").config().run == tmp_path / "elsewhere"


def test_a_run_can_go_on_from_another_folder(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = TrainConfig(shards=Path("shards"), run=Path("x"), base=Path("models/small"))
    made = create_run("songs", config, Path("runs")).config()
    assert (made.shards, made.base) == (tmp_path / "shards", tmp_path / "models" / "small")
    assert made.run == root / "songs"


def test_a_new_run_is_at_rest(run: Run) -> None:
    assert run.state().status == Status.STOPPED
    assert run.state().steps == 100
    assert (run.metrics("step"), run.log_tail(), run.checkpoints()) == ([], "", ())
    assert (run.last(), run.best(), run.samples(), run.pending()) == (None, None, (), frozenset())


def test_an_existing_run_is_not_made_again(run: Run, config: TrainConfig, root: Path) -> None:
    with pytest.raises(RunError, match="already"):
        create_run("songs", config, root)


def test_the_same_settings_go_on_with_a_run(config: TrainConfig, root: Path) -> None:
    config = dataclasses.replace(config, run=root / "songs")
    run = begin_run(config)
    assert begin_run(config) == run == open_run("songs", root)
    with pytest.raises(RunError, match="other settings: rows, seed"):
        begin_run(dataclasses.replace(config, rows=3, seed=4))
    with pytest.raises(RunError, match="can't be named"):
        begin_run(dataclasses.replace(config, run=root / "v1.0"))


def test_runs_are_listed_newest_first_without_strange_folders(
    config: TrainConfig, root: Path, tmp_path: Path
) -> None:
    assert list_runs(root) == ()
    for age, name in enumerate(["new", "old", "oldest"]):
        made = create_run(name, config, root)
        os.utime(made.folder / "config.json", (1000 - age, 1000 - age))
    (root / "empty").mkdir()
    (root / "a.file").touch()
    create_run("far", config, tmp_path / "outside")
    (root / "link").symlink_to(tmp_path / "outside" / "far")
    (root / "half").mkdir()
    (root / "half" / "config.json").symlink_to(tmp_path / "outside" / "far" / "config.json")
    assert [one.name for one in list_runs(root)] == ["new", "old", "oldest"]
    assert open_run("old", root) == Run(root / "old")
    for name in ("link", "half", "empty", "nobody"):
        with pytest.raises(RunError, match="no run"):
            open_run(name, root)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{", RunError),
        ("[]", RunError),
        ("[" * 100_000, RunError),
        ('{"name": "' + "x" * (1 << 20) + '"}', RunError),
        ("{}", ConfigError),
        ('{"shards": 1, "run": "x"}', ConfigError),
        ('{"shards": "s", "run": "x", "rm": "-rf"}', ConfigError),
        ('{"shards": "s", "run": "x", "steps": true}', ConfigError),
    ],
)
def test_settings_that_are_not_understood_are_told(run: Run, text: str, error: type) -> None:
    (run.folder / "config.json").write_text(text)
    with pytest.raises(error):
        run.config()


def test_a_state_reads_back(run: Run) -> None:
    state = RunState(status=Status.RUNNING, step=3, fraction=0.5, loss=2.0, seconds_left=9)
    written = write_state(run.folder, state)
    assert written.updated
    assert dataclasses.replace(written, updated="") == state
    assert read_state(run.folder) == written
    assert write_state(run.folder, RunState(status=Status.FAILED, loss=float("nan"))).loss is None


@pytest.mark.parametrize(
    "text", ["", "{}", '{"status": "odd"}', '{"status": "running", "step": ""}']
)
def test_a_damaged_state_is_an_interrupted_run(run: Run, text: str) -> None:
    (run.folder / "state.json").write_text(text)
    state = run.state()
    assert state.status == Status.INTERRUPTED
    assert state.reason


def test_readers_never_see_half_a_state(run: Run) -> None:
    """Four processes write while this one reads."""
    program = (
        "import sys, pathlib; from meloformer.runs.workspace import *\n"
        "for step in range(400):\n"
        "    write_state(pathlib.Path(sys.argv[1]), RunState(status=Status.RUNNING, step=step))\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, run.folder]) for _ in range(4)]
    while any(one.poll() is None for one in writers):
        assert not read_state(run.folder).reason
    assert [one.returncode for one in writers] == [0] * 4
    assert not list(run.folder.glob(".state*"))


@pytest.mark.parametrize("name", [SUPERVISOR, TRAINER])
def test_a_run_with_a_living_process_runs(run: Run, name: str) -> None:
    write_state(run.folder, RunState(status=Status.RUNNING))
    leave_mark(run, name)
    assert run.state().status == Status.RUNNING


@pytest.mark.parametrize("status", ["queued", "starting", "running", "stopping"])
def test_a_run_without_processes_was_interrupted(run: Run, status: str) -> None:
    write_state(run.folder, RunState(status=Status(status), step=7))
    state = run.state()
    assert (state.status, state.step) == (Status.INTERRUPTED, 7)
    assert read_state(run.folder) == state


@pytest.mark.parametrize("status", ["stopped", "finished", "failed"])
def test_a_run_that_is_over_stays_so(run: Run, status: str) -> None:
    write_state(run.folder, RunState(status=Status(status)))
    leave_mark(run, TRAINER, started="long ago")
    assert run.state().status == status


def test_a_number_that_another_process_has_now_is_not_the_run(run: Run) -> None:
    write_state(run.folder, RunState(status=Status.RUNNING))
    boot, ticks = identity_of_this_process(run).started.split()
    leave_mark(run, started=f"{boot} {int(ticks) - 1}")
    assert run.state().status == Status.INTERRUPTED


def test_a_run_does_not_survive_the_machine(run: Run) -> None:
    write_state(run.folder, RunState(status=Status.RUNNING))
    _, ticks = identity_of_this_process(run).started.split()
    leave_mark(run, started=f"another-boot {ticks}")
    assert run.state().status == Status.INTERRUPTED


def identity_of_this_process(run: Run) -> ProcessIdentity:
    write_pid_file(run.folder, SUPERVISOR)
    process = read_pid_file(run.folder, SUPERVISOR)
    assert process is not None
    assert process.is_alive()
    return process


def test_a_zombie_does_not_run(run: Run) -> None:
    program = (
        "import sys, pathlib; from meloformer.runs.workspace import *\n"
        "write_pid_file(pathlib.Path(sys.argv[1]), SUPERVISOR)"
    )
    child = subprocess.Popen([sys.executable, "-c", program, run.folder])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert Path(f"/proc/{child.pid}").exists()
    assert not run.is_alive()
    child.wait()


def test_a_run_of_another_machine_is_judged_by_its_silence(run: Run) -> None:
    write_state(run.folder, RunState(status=Status.RUNNING))
    leave_mark(run, TRAINER, host="node-7", pid=1)
    assert run.state().status == Status.RUNNING
    assert run.is_alive()
    long_ago = time.time() - 3600
    os.utime(run.folder / "state.json", (long_ago, long_ago))
    assert run.state().status == Status.INTERRUPTED
    write_state(run.folder, RunState(status=Status.STOPPED))
    assert not run.is_alive()


@pytest.mark.parametrize("text", ["", "[]", '{"pid": "1"}', '{"pid": 1}'])
def test_a_damaged_mark_is_nobody(run: Run, text: str) -> None:
    (run.folder / SUPERVISOR).write_text(text)
    assert not run.is_alive()


def test_a_killed_supervisor_means_interrupted_though_the_ranks_have_saved(run: Run) -> None:
    write_state(run.folder, RunState(status=Status.STOPPED, step=5))
    leave_mark(run, started="long ago")
    assert run.state().status == Status.INTERRUPTED


def test_requests_are_files(run: Run) -> None:
    run.request(RunRequest.SAVE)
    run.request(RunRequest.LISTEN)
    (run.folder / "requests" / "format-disk").touch()
    assert run.pending() == {RunRequest.SAVE, RunRequest.LISTEN}
    run.clear_requests(RunRequest.SAVE, RunRequest.STOP)
    assert run.pending() == {RunRequest.LISTEN}


def test_a_running_run_that_was_asked_to_stop_is_stopping(run: Run) -> None:
    write_state(run.folder, RunState(status=Status.RUNNING))
    write_pid_file(run.folder, TRAINER)
    run.request(RunRequest.STOP)
    assert run.state().status == Status.STOPPING
    assert read_state(run.folder).status == Status.RUNNING


def write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n")


def test_metrics_are_read_by_kind_and_thinned(run: Run) -> None:
    lines = [json.dumps({"event": "step", "step": step, "loss": 1.0}) for step in range(5000)]
    lines[10] = '{"event": "evaluation", "step": 10, "bits_per_note": 7.0, "of": "step"}'
    lines[11] = '{"event": "step"'
    write_lines(run.folder / "metrics.jsonl", [*lines, "[1]", '{"event": "st'])
    assert [line["bits_per_note"] for line in run.metrics("evaluation")] == [7.0]
    assert len(run.metrics("step", most=10_000)) == 4998
    thin = run.metrics("step", most=100)
    assert 95 <= len(thin) <= 100
    assert thin[0]["step"] == 0
    assert thin[-1]["step"] == 4999


def test_the_end_of_a_log_is_read_without_the_rest(run: Run) -> None:
    lines = [f"line {number}" for number in range(200_000)]
    write_lines(run.folder / "log.txt", [*lines, "", "10 %\r50 %\r100 %", "\xfc done"])
    before = time.process_time()
    assert run.log_tail(3).splitlines() == ["line 199999", "100 %", "\xfc done"]
    assert time.process_time() - before < 0.05
    (run.folder / "log.txt").write_bytes(b"\xff\xfe\x00" * 100_000)
    assert run.log_tail()


def make_checkpoint(run: Run, name: str) -> Path:
    folder = run.folder / "checkpoints" / name
    folder.mkdir(parents=True)
    (folder / "card.json").touch()
    (folder / "model.safetensors").touch()
    return folder


def test_checkpoints_are_complete_and_in_order(run: Run, tmp_path: Path) -> None:
    second, first = make_checkpoint(run, "step-1000000"), make_checkpoint(run, "step-000500")
    (make_checkpoint(run, "step-000700") / "card.json").unlink()
    make_checkpoint(run, "step-old")
    (run.folder / "checkpoints" / "step-000900").symlink_to(first)
    assert run.checkpoints() == (first, second)
    assert run.last() == second
    (run.folder / "checkpoints" / "last.json").write_text('{"folder": "step-000500"}')
    (run.folder / "checkpoints" / "best.json").write_text('{"folder": "../../../etc"}')
    assert run.last() == first
    assert run.best() is None


def test_samples_are_told_by_their_names(run: Run) -> None:
    folder = run.folder / "samples"
    folder.mkdir()
    for name in ("step-001000-band-1", "step-000500-jazz-lead-12", ".step-000500-band-1", "other"):
        (folder / f"{name}.mid").touch()
    found = [(one.step, one.prompt, one.seed) for one in run.samples()]
    assert found == [(500, "jazz-lead", 12), (1000, "band", 1)]


def test_the_command_of_a_run_is_words_and_no_shell_line(run: Run) -> None:
    words = run.command()
    assert words[1:4] == ("-m", "torch.distributed.run", "--standalone")
    assert words[-2:] == ("meloformer.training.worker", str(run.folder))
    config = json.loads((run.folder / "config.json").read_text()) | {"devices": 3}
    (run.folder / "config.json").write_text(json.dumps(config))
    assert "--nproc-per-node=3" in run.command()


def test_a_run_whose_files_are_pipes_can_be_looked_at(run: Run) -> None:
    for name in ("state.json", "log.txt", "metrics.jsonl"):
        (run.folder / name).unlink(missing_ok=True)
        os.mkfifo(run.folder / name)  # which nothing ever comes out of
    assert "no file" in read_state(run.folder).reason
    assert run.log_tail() == ""
    assert run.metrics("step") == []


def test_a_line_of_metrics_that_is_too_deep_is_left_out(run: Run) -> None:
    (run.folder / "metrics.jsonl").write_text("[" * 100_000 + '"step"\n{"event": "step"}\n')
    assert run.metrics("step") == [{"event": "step"}]
