"""What a data folder remembers, and whom it refuses."""

import os
from pathlib import Path

import pytest

from gridwhistle.services import folder
from gridwhistle.services.refusal import ServiceRefusal


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch) -> Path:
    # pytest's own temporary folders are closed to other accounts, as a 0700 home is: as root,
    # every folder of these tests would lie in the real place for such folders.
    place = tmp_path / "var-lib"
    monkeypatch.setattr(folder, "ELSEWHERE", place)
    return place


def test_a_new_folder_has_no_version_yet(tmp_path):
    assert folder.opened(tmp_path / "data").version() is None


def test_a_cluster_remembers_the_version_that_made_it(tmp_path):
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "PG_VERSION").write_text("14\n")
    assert folder.opened(tmp_path).version() == "14"


def test_a_cluster_without_its_version_is_damaged_and_not_new(tmp_path):
    (tmp_path / "cluster").mkdir()
    with pytest.raises(ServiceRefusal) as refused:
        folder.opened(tmp_path).version()
    assert refused.value.code == "postgres.damaged"


def test_a_second_holder_of_the_folder_is_refused_with_the_process_of_the_first(tmp_path):
    kept = folder.opened(tmp_path)
    with kept.lock():
        with pytest.raises(ServiceRefusal) as refused:
            kept.lock()
        assert refused.value.code == "postgres.in_use"
        assert refused.value.facts["process"] == str(os.getpid())
    kept.lock().close()


def test_a_folder_that_lies_elsewhere_and_is_gone_is_never_made_anew(tmp_path):
    (tmp_path / "elsewhere").write_text(f"{tmp_path / 'gone'}\n")
    with pytest.raises(ServiceRefusal) as refused:
        folder.opened(tmp_path)
    assert refused.value.code == "postgres.data_missing"
    assert not (tmp_path / "gone").exists()


def test_the_note_in_the_asked_place_leads_to_where_the_data_lie(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    asked = tmp_path / "asked"
    asked.mkdir()
    (asked / "elsewhere").write_text(f"{home}\n")
    kept = folder.opened(asked)
    assert (kept.home, kept.elsewhere) == (home, True)


@pytest.mark.needs("root")
def test_root_keeps_the_data_of_an_unreachable_project_elsewhere(tmp_path, elsewhere):
    project = tmp_path / "project"
    kept = folder.opened(project / "var" / "postgres")
    assert kept.elsewhere
    assert kept.home.parent == elsewhere
    assert kept.home.name.startswith("project-")
    assert folder.opened(project / "var" / "postgres").home == kept.home


def test_the_password_is_new_each_time_and_closed_to_others(tmp_path):
    kept = folder.opened(tmp_path)
    folder.new_password(kept)
    first = kept.password_file.read_text()
    folder.new_password(kept)
    assert kept.password_file.read_text() != first
    assert kept.password_file.stat().st_mode & 0o077 == 0


@pytest.mark.needs("root")
def test_an_existing_cluster_is_served_by_the_account_that_owns_it(tmp_path: Path):
    cluster = tmp_path / "cluster"
    cluster.mkdir()
    os.chown(cluster, 65534, 65534)
    assert folder.opened(tmp_path).account.uid == 65534
