from threading import Event

import pytest

from meloformer.app.jobs import store
from meloformer.app.jobs.job import JobKind, JobStatus
from meloformer.app.jobs.store import JobStore
from meloformer.errors import BusyError, MidiError, OutputError


@pytest.fixture
def jobs(tmp_path) -> JobStore:
    return JobStore(tmp_path / "jobs", max_bytes=100, least_free_bytes=0)


def done(jobs, owner="anna", num_bytes=0, work=None):
    """Return a job that is over, whose only file has so many bytes."""
    job, is_over = jobs.open(owner, JobKind.RENDER), Event()

    def write(job):
        if work is not None:
            work(job)
        job.files["sound.wav"] = job.folder / "sound.wav"
        job.files["sound.wav"].write_bytes(bytes(num_bytes))

    job.start(write)
    while not job.is_over:
        is_over.wait(0.001)
    return job


def test_a_job_is_found_by_its_owner_alone(jobs):
    job = done(jobs)
    assert job.status is JobStatus.FINISHED
    assert jobs.find("anna", job.name) is job
    assert jobs.find("bert", job.name) is None
    assert jobs.find("anna", "x") is None


def test_a_job_that_fails_keeps_why(jobs):
    def fail(job):
        raise MidiError("No music.")

    job = done(jobs, work=fail)
    assert job.status is JobStatus.FAILED
    assert str(job.error) == "No music."
    assert job.files == {}


def test_a_job_that_was_stopped_says_so(jobs):
    assert done(jobs, work=lambda job: job.stop.set()).status is JobStatus.CANCELLED


def test_results_go_after_a_while(tmp_path):
    jobs = JobStore(tmp_path / "jobs", max_bytes=100, least_free_bytes=0, kept_s=-1.0)
    job = done(jobs, num_bytes=1)
    assert jobs.find("anna", job.name) is None
    assert not job.folder.exists()


def test_the_oldest_results_go_where_one_owner_has_too_much(jobs):
    first, other = done(jobs, num_bytes=60), done(jobs, "bert", 60)
    second, third = done(jobs, num_bytes=60), done(jobs, num_bytes=10)
    assert jobs.find("anna", first.name) is None
    assert not first.folder.exists()
    assert jobs.find("anna", second.name) is second
    assert jobs.find("anna", third.name) is third
    assert jobs.find("bert", other.name) is other


def test_one_result_that_is_too_much_alone_can_be_fetched_all_the_same(jobs):
    job = done(jobs, num_bytes=1_000)
    assert jobs.find("anna", job.name) is job


def test_nobody_keeps_any_number_of_jobs(jobs, monkeypatch):
    monkeypatch.setattr(store, "MAX_KEPT", 2)
    first, second, third = (done(jobs) for _ in range(3))
    assert jobs.find("anna", first.name) is None
    assert jobs.find("anna", second.name) is second
    assert jobs.find("anna", third.name) is third


def test_there_are_so_many_at_once_and_no_more(jobs, monkeypatch):
    monkeypatch.setattr(store, "MAX_ACTIVE", 2)
    monkeypatch.setattr(store, "MAX_ACTIVE_OF_ALL", 3)
    anna = jobs.open("anna", JobKind.CONTINUE)
    jobs.open("anna", JobKind.CONTINUE)
    with pytest.raises(BusyError, match="You have 2 jobs"):
        jobs.open("anna", JobKind.CONTINUE)
    jobs.open("bert", JobKind.CONTINUE)
    with pytest.raises(BusyError, match="others"):
        jobs.open("carl", JobKind.CONTINUE)
    jobs.discard(anna)
    jobs.open("carl", JobKind.CONTINUE)


def test_a_job_that_is_forgotten_holds_its_place_until_it_has_stopped(jobs, monkeypatch):
    monkeypatch.setattr(store, "MAX_ACTIVE", 1)
    job = jobs.open("anna", JobKind.CONTINUE)
    jobs.remove(job)
    assert job.stop.is_set()
    assert jobs.find("anna", job.name) is None
    with pytest.raises(BusyError):
        jobs.open("anna", JobKind.CONTINUE)
    job.ended_at = 0.0
    jobs.open("anna", JobKind.CONTINUE)
    assert not job.folder.exists()


def test_a_full_disk_begins_nothing(tmp_path):
    jobs = JobStore(tmp_path / "jobs", max_bytes=100, least_free_bytes=1 << 60)
    with pytest.raises(OutputError, match="nearly full"):
        jobs.open("anna", JobKind.RENDER)
