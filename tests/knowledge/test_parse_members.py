import io
import stat
import zipfile
from pathlib import Path

import pytest

from askacme.lib.errors import EmptyFile, FileTooComplex, PasswordProtected, UnreadableFile
from knowledge.ingest.parse import members as members_module
from knowledge.ingest.parse.members import is_zip_of_documents, members
from tests.knowledge.files import make_docx, make_zip, understate_sizes, write


def contents(folder: Path, archive: bytes) -> dict[str, bytes]:
    path = write(folder, "policies.zip", archive)
    return {member.path: member.data.read() for member in members(path)}


def test_members_come_with_their_path_and_content(tmp_path: Path) -> None:
    files = {"leave.md": b"# Leave", "travel/trains.txt": b"Book by train."}
    assert contents(tmp_path, make_zip({"travel/": b"", **files})) == files


def test_an_archive_inside_is_read_too(tmp_path: Path) -> None:
    inner = make_zip({"leave.md": b"# Leave"})
    assert contents(tmp_path, make_zip({"old/2025.zip": inner})) == {"old/2025.zip/leave.md": b"# Leave"}


def test_an_archive_in_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    deep = make_zip({"a.zip": make_zip({"b.zip": make_zip({"c.txt": b"c"})})})
    with pytest.raises(FileTooComplex, match=r"a\.zip/b\.zip is an archive in an archive"):
        contents(tmp_path, deep)


@pytest.mark.parametrize("name", ["../evil.txt", "a/../../evil.txt", "/etc/evil.txt", "C:\\evil.txt", "..\\evil.txt"])
def test_paths_that_lead_out_are_refused_before_anything_is_read(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, "evil.zip", make_zip({"good.txt": b"good", name: b"evil"}))
    with pytest.raises(UnreadableFile, match="outside of itself"):
        next(members(path))


def test_hidden_files_and_links_are_left_out(tmp_path: Path) -> None:
    buffer = io.BytesIO(make_zip({"__MACOSX/._a.txt": b"", ".DS_Store": b"", ".git/config": b"", "~$a.docx": b""}))
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("a.txt", "a")
    assert contents(tmp_path, buffer.getvalue()) == {"a.txt": b"a"}


def test_names_are_decoded_as_they_were_meant(tmp_path: Path) -> None:
    archive = make_zip({"Gr\u00f6\u00dfe.txt": b"5"}).replace("Größe".encode(), "Größe".encode())
    unsaid = bytearray(archive)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = unsaid.find(mark) + offset
        unsaid[at : at + 2] = b"\x00\x00"  # without the flag for UTF-8, as macOS writes
    assert list(contents(tmp_path, bytes(unsaid))) == ["Größe.txt"]


def test_a_bomb_is_refused_unopened(tmp_path: Path) -> None:
    path = write(tmp_path, "bomb.zip", make_zip({"bomb.txt": b" " * 100_000_000}))
    with pytest.raises(FileTooComplex, match="unpacks"):
        next(members(path))


def test_a_bomb_inside_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileTooComplex, match="unpacks"):
        contents(tmp_path, make_zip({"inner.zip": make_zip({"bomb.txt": b" " * 100_000_000})}))


def test_a_member_that_lies_about_its_size_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"lie\.txt"):
        contents(tmp_path, understate_sizes(make_zip({"lie.txt": b"x" * 100_000}), 10))


@pytest.mark.parametrize(("limit", "value"), [("MAX_MEMBERS", 2), ("MAX_MEMBERS_BYTES", 5)])
def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    monkeypatch.setattr(members_module, limit, value)
    with pytest.raises(FileTooComplex, match="holds too much"):
        contents(tmp_path, make_zip({"a.txt": b"aa", "b.txt": b"bb", "c.zip": make_zip({"d.txt": b"dd"})}))


def test_a_directory_of_countless_entries_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(FileTooComplex, match="too many files"):
        contents(tmp_path, b"PK\x01\x02" * 50_000)


def test_a_password_is_said(tmp_path: Path) -> None:
    archive = bytearray(make_zip({"secret.txt": b"secret"}))
    archive[archive.find(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(PasswordProtected, match="password"):
        contents(tmp_path, bytes(archive))


def test_an_archive_without_files_is_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile):
        contents(tmp_path, make_zip({"folder/": b"", ".hidden": b"x"}))


def test_half_an_archive_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="damaged"):
        contents(tmp_path, make_zip({"a.txt": b"a" * 1000})[:60])


def test_office_files_are_documents_and_other_archives_are_not(tmp_path: Path) -> None:
    word = write(tmp_path, "a.docx", make_docx(lambda document: document.add_paragraph("a")))
    assert not is_zip_of_documents(word)
    assert is_zip_of_documents(write(tmp_path, "a.zip", make_zip({"a.txt": b"a"})))
