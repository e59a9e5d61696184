"""A session of days stays flat: of the jobs that ended only the last few are remembered."""

from annotator.session.job.job_board import Job, JobBoard, JobState


def test_only_the_last_jobs_that_ended_are_remembered() -> None:
    board = JobBoard()
    forgotten: list[int] = []
    board.forgotten.connect(forgotten.append)
    long = board.add("train", "a long one", lambda: None)
    ids = [board.add("export", f"number {number}", lambda: None).id for number in range(200)]
    for job_id in ids:
        board.progress(job_id, 1, 2, "half")
        board.end(job_id, JobState.DONE, "done")
    assert board.job(long.id).is_active
    assert [job.id for job in board.all] == [long.id, *ids[-20:]]
    assert forgotten == ids[:-20]
    new = board.add("export", "one more", lambda: None)
    assert new.id not in ids, "a number is never given anew"
    board.shutdown()


def test_late_words_of_a_forgotten_job_change_nothing() -> None:
    board = JobBoard()
    ended: list[Job] = []
    board.ended.connect(ended.append)
    first = board.add("export", "first", lambda: None)
    for job_id in (first.id, *(board.add("export", "", lambda: None).id for _ in range(30))):
        board.end(job_id, JobState.DONE)
    board.progress(first.id, 1, 1, "late")
    board.end(first.id, JobState.FAILED, "late")
    board.cancel(first.id)
    assert len(ended) == 31
    board.shutdown()
