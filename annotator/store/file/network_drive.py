"""Whether a file lies on a network drive, where SQLite's write-ahead log is not supported: machines do not share its memory."""

import os
import re
import subprocess
import sys
from pathlib import Path

_KINDS = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|afs|afpfs|ncpfs|webdav|davfs\d?|9p|ceph|glusterfs|lustre|beegfs|gpfs|fhgfs|pvfs2|orangefs|"
    r"prl_fs|vboxsf|vmhgfs|virtiofs"
)
_REMOTE_FUSE = ("sshfs", "davfs", "rclone", "s3fs", "gcsfuse", "glusterfs", "cephfs", "smbnetfs", "curlftpfs")
_WINDOWS_REMOTE = 4


def network_drive(path: Path) -> str:
    """The kind of network drive that a file lies on (`nfs4`, `cifs`), empty for a drive of this machine."""
    if sys.platform == "win32":
        import ctypes

        root = os.path.splitdrive(path.absolute())[0]
        remote = (
            root.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(f"{root}\\") == _WINDOWS_REMOTE
        )
        return "a share" if remote else ""
    try:
        if sys.platform == "darwin":
            listed = subprocess.run(
                ["/sbin/mount"], capture_output=True, text=True, timeout=2, check=True
            ).stdout
            mounts = _of_mount(listed)
        else:
            mounts = _of_mountinfo(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace"))
    except (OSError, subprocess.SubprocessError):
        return ""
    return kind_of(path, mounts)


def kind_of(path: Path, mounts: list[tuple[str, str]]) -> str:
    """As `network_drive`, by (mount point, file system) in the order in which they were mounted."""
    where = Path(os.path.realpath(path))
    longest, kind = -1, ""
    for point, each in mounts:
        if where.is_relative_to(point) and len(point) >= longest:  # a later mount hides an earlier one
            longest, kind = len(point), each
    is_fuse = kind.startswith("fuse") and any(name in kind for name in _REMOTE_FUSE)
    return kind if _KINDS.fullmatch(kind) or is_fuse else ""


def _of_mountinfo(text: str) -> list[tuple[str, str]]:
    """Linux: `36 35 98:0 /root /point options ... - kind source options`; blanks in names are octal."""
    mounts = []
    for line in text.splitlines():
        left, _, right = line.partition(" - ")
        if len(left.split()) > 4 and right:
            point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), left.split()[4])
            mounts.append((point, right.split()[0]))
    return mounts


def _of_mount(text: str) -> list[tuple[str, str]]:
    """macOS: `source on /point (kind, options)`."""
    found = re.findall(r"^.*? on (/.*?) \((\w+)", text, re.MULTILINE)
    return [(point, kind) for point, kind in found]
