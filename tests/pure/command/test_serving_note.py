"""The note by which a command finds the running server."""

from gridwhistle.services.serving_note import noting, running_at

HERE, THERE = "http://127.0.0.1:8080", "http://127.0.0.1:9000"


def test_a_server_is_found_while_it_runs_and_not_before_it_answers(tmp_path):
    folder = tmp_path / "not" / "made" / "yet"
    assert running_at(folder) is None
    with noting(folder) as note:
        assert running_at(folder) is None
        note(HERE)
        assert running_at(folder) == HERE
    assert running_at(folder) is None


def test_a_note_that_a_killed_server_left_behind_names_nobody(tmp_path):
    (tmp_path / "serving.json").write_text('{"url": "http://127.0.0.1:8080"}')
    assert running_at(tmp_path) is None


def test_the_first_server_of_a_folder_is_the_one_that_is_found(tmp_path):
    with noting(tmp_path) as first:
        first(HERE)
        with noting(tmp_path) as second:
            second(THERE)
            assert running_at(tmp_path) == HERE
        assert running_at(tmp_path) == HERE
