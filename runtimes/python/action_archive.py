"""Unpacks an action's archive: zip, tar.gz or tar, told by their first bytes.

An archive is hostile until shown otherwise: the whole plan of its entries is checked within limits, and only then is
anything written, files first and links last, so that nothing is written through a link.
"""

import io
import os
import stat

MAX_ENTRIES = 50_000
MAX_TOTAL_BYTES = 512 * 1024 * 1024
MAX_RATIO = 100
# small archives may have any ratio
RATIO_FROM_BYTES = 8 * 1024 * 1024
MAX_NAME_BYTES = 1024
MAX_LINK_STEPS = 40
COPY_BYTES = 1024 * 1024


class UnsafeArchive(Exception):
    """The message says what is wrong with the archive."""


class _Entry:
    def __init__(self, name, kind, mode, size, content):
        self.name = _safe_name(name)
        self.kind = kind
        self.mode = (mode & 0o777 | 0o600) if mode & 0o777 else 0o644
        self.size = size
        self.content = content
        self.target = None


def unpack(data, directory):
    """Raises `UnsafeArchive`. `directory` exists and is empty."""
    try:
        entries = _read(data)
        _check(entries, len(data))
        _write(entries, directory, len(data))
    except UnsafeArchive:
        raise
    except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        raise UnsafeArchive(f"it is damaged: {error}") from error
    except Exception as error:
        # zipfile, tarfile and zlib each have an error of their own
        raise UnsafeArchive(f"it is damaged: {error}") from error


def _read(data):
    if data[:2] == b"PK":
        return _read_zip(data)
    if data[:2] == b"\x1f\x8b" or data[257:262] == b"ustar":
        return _read_tar(data)
    raise UnsafeArchive("it is neither a zip nor a tar.gz file.")


def _read_zip(data):
    import zipfile

    archive = zipfile.ZipFile(io.BytesIO(data))
    members = archive.infolist()
    _check_count(len(members))
    entries = []
    for member in members:
        mode = member.external_attr >> 16 if member.create_system == 3 else 0
        kind = "directory" if member.is_dir() else _kind(stat.S_IFMT(mode), member.filename)
        entry = _Entry(member.filename, kind, mode, member.file_size, lambda m=member: archive.open(m))
        if kind == "link":
            if member.file_size > MAX_NAME_BYTES:
                raise _escape(entry)
            entry.target = os.fsdecode(archive.read(member))
        entries.append(entry)
    return entries


def _kind(file_type, name):
    kinds = {0: "file", stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link"}
    if file_type not in kinds:
        raise UnsafeArchive(f"it has a device or a pipe: {name!r}.")
    return kinds[file_type]


def _read_tar(data):
    import tarfile

    if data[:2] == b"\x1f\x8b":
        data = _gunzip(data)
    archive = tarfile.open(fileobj=io.BytesIO(data), mode="r:")
    entries = []
    files = {}
    for member in archive:
        _check_count(len(entries) + 1)
        source = member
        if member.islnk():
            # a hard link becomes a copy of the file before it; it can name nothing outside the archive
            source = files.get(member.linkname)
            if source is None:
                raise UnsafeArchive(f"it has a link out of it: {member.name + ' -> ' + member.linkname!r}.")
        entry = _Entry(member.name, _tar_kind(source), source.mode, source.size, lambda m=source: archive.extractfile(m))
        if entry.kind == "file":
            files[member.name] = source
        if entry.kind == "link":
            entry.target = member.linkname
        entries.append(entry)
    return entries


def _tar_kind(member):
    for kind, is_kind in (("file", member.isreg()), ("directory", member.isdir()), ("link", member.issym())):
        if is_kind:
            return kind
    raise UnsafeArchive(f"it has a device or a pipe: {member.name!r}.")


def _gunzip(data):
    import zlib

    limit = min(MAX_TOTAL_BYTES, max(RATIO_FROM_BYTES, len(data) * MAX_RATIO))
    reader = zlib.decompressobj(wbits=31)
    unpacked = reader.decompress(data, limit + 1)
    if len(unpacked) > limit:
        raise UnsafeArchive("it unpacks to more than is allowed.")
    if not reader.eof:
        raise UnsafeArchive("it is cut off.")
    return unpacked


def _safe_name(name):
    portable = name.replace("\\", "/")
    if len(os.fsencode(name)) > MAX_NAME_BYTES:
        raise UnsafeArchive("it has a name that is too long.")
    if "\0" in name:
        raise UnsafeArchive("it has a name with a NUL character.")
    if portable.startswith("/") or portable[1:2] == ":" and portable[:1].isalpha():
        raise UnsafeArchive(f"it has an absolute path: {name!r}.")
    segments = _segments(portable)
    if ".." in segments:
        raise UnsafeArchive(f"it has a path that leads out of it: {name!r}.")
    return "/".join(segments)


def _segments(path):
    return [segment for segment in path.split("/") if segment not in ("", ".")]


def _check_count(count):
    if count > MAX_ENTRIES:
        raise UnsafeArchive(f"it has more than {MAX_ENTRIES} entries.")


def _check_size(packed, unpacked):
    if unpacked > MAX_TOTAL_BYTES:
        raise UnsafeArchive(f"it unpacks to more than {MAX_TOTAL_BYTES // 1024 // 1024} MB.")
    if unpacked > RATIO_FROM_BYTES and unpacked > packed * MAX_RATIO:
        raise UnsafeArchive(f"it unpacks to more than {MAX_RATIO} times its size.")


def _check(entries, packed):
    entries[:] = [entry for entry in entries if entry.name]
    by_name = {}
    for entry in entries:
        other = by_name.setdefault(entry.name, entry)
        if other is not entry and (other.kind != entry.kind or entry.kind == "link"):
            raise UnsafeArchive(f"it has two meanings for {entry.name!r}.")
    _check_size(packed, sum(entry.size for entry in entries if entry.kind == "file"))
    for entry in entries:
        _refuse_parents(entry, by_name)
        if entry.kind == "link":
            _refuse_escape(entry, by_name)


def _refuse_parents(entry, by_name):
    parts = entry.name.split("/")
    for count in range(1, len(parts)):
        parent = by_name.get("/".join(parts[:count]))
        if parent is not None and parent.kind != "directory":
            raise UnsafeArchive(f"it has an entry below the {parent.kind} {parent.name!r}.")


def _refuse_escape(entry, by_name):
    """Follows a link through the other links, as the kernel would."""
    reached = entry.name.split("/")[:-1]
    rest = _target_segments(entry, entry)
    steps = 0
    while rest:
        segment = rest.pop(0)
        if segment == "..":
            if not reached:
                raise _escape(entry)
            reached.pop()
            continue
        reached.append(segment)
        link = by_name.get("/".join(reached))
        if link is None or link.kind != "link":
            continue
        steps += 1
        if steps > MAX_LINK_STEPS:
            raise UnsafeArchive(f"it has links in a circle: {entry.name!r}.")
        reached.pop()
        rest = _target_segments(link, entry) + rest


def _target_segments(link, entry):
    if not link.target or "\0" in link.target or link.target.startswith("/"):
        raise _escape(entry)
    return _segments(link.target)


def _escape(entry):
    return UnsafeArchive(
        f"it has a link out of it: {entry.name + ' -> ' + str(entry.target)!r}. "
        "Pack what it leads to: `zip -r` without `-y`."
    )


def _write(entries, directory, packed):
    written = 0
    for entry in entries:
        target = os.path.join(directory, entry.name)
        if entry.kind == "directory":
            os.makedirs(target, exist_ok=True)
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if entry.kind == "file":
            written = _write_file(entry, target, packed, written)
    for entry in entries:
        if entry.kind == "link":
            os.symlink(entry.target, os.path.join(directory, entry.name))


def _write_file(entry, target, packed, written):
    """Sizes in an archive may lie: what comes out is counted as well."""
    with entry.content() as source, open(target, "wb") as file:
        while chunk := source.read(COPY_BYTES):
            written += len(chunk)
            _check_size(packed, written)
            file.write(chunk)
        os.fchmod(file.fileno(), entry.mode)
    return written
