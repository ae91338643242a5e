"""The data folder is kept off network file systems, found by the mount table."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from indexer.errors import ConfigurationError
from indexer.store.filesystem import Mount, may_hang, mount_of, mounts, refuse_network

TABLE = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
31 27 0:35 / /srv rw,relatime shared:12 master:3 - nfs4 filer:/export/srv rw,vers=4.2
32 31 8:1 / /srv/local rw,relatime - xfs /dev/sdb1 rw
33 27 0:40 / /mnt/team\\040share rw - cifs //filer/team rw
34 27 0:41 / /home/ann/remote rw - fuse.sshfs ann@host: rw
35 27 8:17 / /media/stick rw - fuseblk /dev/sdc1 rw
36 27 0:45 / /data rw - nfs filer:/old rw
37 27 8:33 / /data rw - btrfs /dev/sdd rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib/indexer", "ext4"),
        ("/srv", "nfs4"),
        ("/srv/index", "nfs4"),
        ("/srv/local/index", "xfs"),
        ("/srv/localities", "nfs4"),
        ("/mnt/team share/index", "cifs"),
        ("/home/ann/remote/x", "fuse.sshfs"),
        ("/data/index", "btrfs"),
    ],
)
def test_a_folder_lies_on_the_innermost_and_latest_mount_around_it(folder: str, kind: str) -> None:
    mount = mount_of(PurePosixPath(folder), TABLE)

    assert mount is not None
    assert mount.kind == kind


@pytest.mark.parametrize(
    "kind",
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "ceph",
        "lustre",
        "afs",
        "fuse.sshfs",
        "fuse.s3fs",
        "fuse.glusterfs",
        "fuse.rclone",
        "vboxsf",
    ],
)
def test_network_file_systems_are_told_by_their_kind(kind: str) -> None:
    assert Mount(PurePosixPath("/x"), kind).network


@pytest.mark.parametrize(
    "kind", ["ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "fuseblk", "f2fs", "virtiofs", "apfs"]
)
def test_local_file_systems_are_fine(kind: str) -> None:
    assert not Mount(PurePosixPath("/x"), kind).network


def test_lines_of_another_form_are_left_out() -> None:
    assert mounts("\nnonsense\n1 2 3 - ext4\n") == []
    assert mount_of(PurePosixPath("/x"), "") is None


def test_a_network_data_folder_is_refused_with_what_and_where(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(TABLE)

    with pytest.raises(ConfigurationError) as caught:
        refuse_network(Path("/srv/index"), table)

    assert "/srv/index" in str(caught.value)
    assert "nfs4, mounted at /srv" in str(caught.value)
    assert "local disk" in caught.value.remedy


def test_a_link_onto_the_network_is_followed(tmp_path: Path) -> None:
    real = Path(os.path.realpath(tmp_path))
    (real / "share").mkdir()
    (real / "data").symlink_to(real / "share")
    table = real / "mountinfo"
    table.write_text(f"1 0 8:1 / / rw - ext4 /dev/sda rw\n2 1 0:9 / {real}/share rw - nfs4 filer:/ rw\n")

    with pytest.raises(ConfigurationError):
        refuse_network(real / "data" / "not yet there", table)


def test_nothing_is_refused_where_there_is_no_mount_table(tmp_path: Path) -> None:
    refuse_network(tmp_path, tmp_path / "missing")


def test_this_machine_s_own_table_can_be_read(tmp_path: Path) -> None:
    refuse_network(tmp_path)


# --- mounts that may hang -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "itself", "inside"),
    [
        ("/var/lib", False, False),
        ("/srv/policies", True, True),
        ("/srv/local/policies", True, True),  # one has to pass through the share
        ("/mnt/team share", True, True),
        ("/home/ann/remote/x/../y", True, True),
        ("/home/ann", False, True),
        ("/media/stick/x", False, False),
        ("/data/x", False, False),  # the share is hidden by another mount
        ("/srv/../var", True, True),
        ("/", False, True),
    ],
)
def test_a_place_may_hang_where_a_share_lies_on_the_way_or_below(
    tmp_path: Path, folder: str, itself: bool, inside: bool
) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(TABLE)

    assert may_hang(Path(folder), inside=False, table=table) is itself
    assert may_hang(Path(folder), table=table) is inside


@pytest.mark.parametrize("kind", ["autofs", "virtiofs", "nfsv5", "fuse", "smb2", "9p"])
def test_more_file_systems_may_hang_than_are_networks(kind: str) -> None:
    assert Mount(PurePosixPath("/x"), kind).may_hang


@pytest.mark.parametrize("kind", ["ext4", "tmpfs", "fuseblk", "overlay", "zfs"])
def test_local_file_systems_do_not_hang(kind: str) -> None:
    assert not Mount(PurePosixPath("/x"), kind).may_hang


def test_links_are_followed_up_to_the_share_and_no_further(tmp_path: Path) -> None:
    real = Path(os.path.realpath(tmp_path))
    (real / "share").mkdir()
    (real / "one").symlink_to("two")
    (real / "two").symlink_to(real / "share" / "not" / ".." / "there")
    (real / "round").symlink_to("round")
    table = real / "mountinfo"
    table.write_text(f"1 0 8:1 / / rw - ext4 /dev/sda rw\n2 1 0:9 / {real}/share rw - nfs4 filer:/ rw\n")

    assert may_hang(real / "one" / "x", inside=False, table=table)
    assert not may_hang(real / "round" / "x", inside=False, table=table)
    assert not may_hang(real / "other", table=table)
    assert not may_hang(real / "share", table=real / "no table")
    assert not may_hang(None, table=table)
