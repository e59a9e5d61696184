"""A project on a network drive is known by the mount that it lies on."""

from pathlib import Path

import pytest

from annotator.store.file import network_drive as module
from annotator.store.file.network_drive import network_drive

MOUNTS = r"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:35 / {0}/show rw,relatime shared:2 - nfs4 server:/show rw,vers=4.2
41 22 0:36 / {0}/my\040share rw shared:3 - cifs //server/share rw
42 22 0:37 / {0}/far rw shared:4 - fuse.sshfs me@server:/ rw
43 40 8:2 / {0}/show/local rw shared:5 - xfs /dev/sdb1 rw
44 22 0:38 / {0}/stick rw shared:6 - fuseblk /dev/sdc1 rw
"""
MAC = """/dev/disk1s1 on / (apfs, local, journaled)
//me@server/show on {0}/show (smbfs, nodev, nosuid, mounted by me)
server:/far on {0}/far (nfs)
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("show", "nfs4"),
        ("my share", "cifs"),
        ("far/deep", "fuse.sshfs"),
        ("show/local", ""),
        ("stick", ""),
        ("here", ""),
    ],
)
def test_the_drive_tells_by_its_mount(tmp_path: Path, folder: str, kind: str) -> None:
    mounts = module._of_mountinfo(MOUNTS.format(tmp_path))
    assert module.kind_of(tmp_path / folder / "p.annotator", mounts) == kind


@pytest.mark.parametrize(("folder", "kind"), [("show", "smbfs"), ("far", "nfs"), ("here", "")])
def test_a_mac_tells_it_in_its_own_way(tmp_path: Path, folder: str, kind: str) -> None:
    assert module.kind_of(tmp_path / folder / "p.annotator", module._of_mount(MAC.format(tmp_path))) == kind


def test_a_folder_of_this_machine_is_none(tmp_path: Path) -> None:
    assert network_drive(tmp_path / "p.annotator") == ""
