"""An index on the disk: the same answers, and a plain word about a file that is not one."""

import pickle
import struct
import time
import zlib

import numpy as np
import pytest

from geo.ground.errors import IndexFileError
from geo.index.places import build, load
from tests.pure.geo.layouts import difficult, hard_points, lattice


@pytest.fixture
def saved(tmp_path):
    shapes, codes = difficult()
    path = tmp_path / "places.idx"
    build(shapes, codes).save(path)
    return path


def problem_of(path):
    with pytest.raises(IndexFileError) as refused:
        load(path)
    return refused.value.code


def test_a_loaded_index_answers_like_the_one_saved(saved):
    shapes, codes = difficult()
    built, loaded = build(shapes, codes), load(saved)
    points = np.array(hard_points(shapes, 2000))
    assert loaded.codes == built.codes
    assert loaded.find_many(*points.T).tolist() == built.find_many(*points.T).tolist()
    for lon, lat in points[:300].tolist():
        assert loaded.find(lon, lat) == built.find(lon, lat)
    assert loaded.candidates(120.03, 30.03, 200) == built.candidates(120.03, 30.03, 200)
    assert loaded.nearest(119.999, 30.03, 900) == built.nearest(119.999, 30.03, 900)


def test_a_loaded_index_can_be_saved_again_the_same(saved, tmp_path):
    load(saved).save(tmp_path / "again.idx")
    assert (tmp_path / "again.idx").read_bytes() == saved.read_bytes()


def test_an_empty_index_goes_to_the_disk_and_back(tmp_path):
    build([], []).save(tmp_path / "none.idx")
    assert load(tmp_path / "none.idx").find(120, 30) is None


def test_codes_of_any_script_survive(tmp_path):
    build(lattice(1), ["\u7f51\u683c-1"]).save(tmp_path / "x.idx")
    assert load(tmp_path / "x.idx").codes == ("\u7f51\u683c-1",)


@pytest.mark.slow  # how long it takes is the promise: it passes in C, uncounted
def test_loading_is_quick(tmp_path):
    shapes = lattice(45, between=2)
    build(shapes, [str(i) for i in range(len(shapes))]).save(tmp_path / "x.idx")
    start = time.process_time()
    load(tmp_path / "x.idx").find(120.1, 30.1)
    assert time.process_time() - start < 0.5


def test_saving_over_an_old_file_leaves_no_rest_behind(saved):
    build(lattice(1), ["a"]).save(saved)
    assert load(saved).codes == ("a",)
    assert list(saved.parent.iterdir()) == [saved]


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        build(lattice(1), ["a"]).save(tmp_path / "absent" / "x.idx")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_named(tmp_path):
    assert problem_of(tmp_path / "absent.idx") == "index_file.unreadable"


@pytest.mark.parametrize("content", [b"", b"GWPLACES", b"x" * 31])
def test_a_file_too_short_is_cut_off(tmp_path, content):
    (tmp_path / "x.idx").write_bytes(content)
    assert problem_of(tmp_path / "x.idx") == "index_file.cut_off"


def test_some_other_file_is_no_index(tmp_path):
    (tmp_path / "x.idx").write_bytes(pickle.dumps(list(range(100))))
    assert problem_of(tmp_path / "x.idx") == "index_file.not_an_index"


def test_a_truncated_file_is_cut_off_wherever_it_ends(saved):
    whole = saved.read_bytes()
    for keep in (32, 100, len(whole) // 2, len(whole) - 1):
        saved.write_bytes(whole[:keep])
        assert problem_of(saved) == "index_file.cut_off"


def test_another_version_is_said_to_be_one(saved):
    content = bytearray(saved.read_bytes())
    struct.pack_into("<I", content, 8, 99)
    saved.write_bytes(content)
    assert problem_of(saved) == "index_file.version"


def test_a_single_turned_bit_is_noticed_wherever_it_is(saved):
    whole = saved.read_bytes()
    for at in (*range(24, 200, 7), *range(200, len(whole), len(whole) // 50)):
        content = bytearray(whole)
        content[at] ^= 4
        saved.write_bytes(content)
        assert problem_of(saved) == "index_file.damaged"


def test_a_wrong_file_with_a_right_checksum_is_refused_too(saved):
    whole = saved.read_bytes()
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(60):
        content = bytearray(whole)
        at = int(rng.integers(24, 400))
        content[at] ^= int(rng.integers(1, 255))
        struct.pack_into("<I", content, 12, zlib.crc32(content[24:]))
        saved.write_bytes(content)
        try:
            load(saved)
        except IndexFileError as error:
            assert error.code == "index_file.damaged"  # noqa: PT017
            refused += 1
    assert refused > 10
