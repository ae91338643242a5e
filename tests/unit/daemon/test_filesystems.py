"""Whether changes are told or have to be looked for, by the file system that a folder lies on."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from indexer.daemon.filesystems import decide, mode_of, silence
from indexer.daemon.polling import scan_interval

TABLE = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
31 27 0:35 / /srv/team rw,relatime shared:12 master:3 - nfs4 filer:/export/team rw,vers=4.2
32 31 8:1 / /srv/team/local rw,relatime - xfs /dev/sdb1 rw
33 27 0:40 / /mnt/old\\040share rw - cifs //filer/old rw
34 27 0:41 / /home/ann/remote rw - fuse.sshfs ann@host: rw
35 27 8:17 / /media/stick rw - fuseblk /dev/sdc1 rw
36 27 0:45 / /data rw - nfs filer:/old rw
37 27 8:33 / /data rw - btrfs /dev/sdd rw
38 27 0:50 / /vm rw - virtiofs host rw
39 27 0:51 / /container rw - overlay overlay rw,lowerdir=/a,upperdir=/b
40 27 254:0 /home/ann/docs /bound rw,relatime - ext4 /dev/vda rw
41 27 0:35 /docs /bound-share rw,relatime - nfs4 filer:/export/team rw
42 27 0:60 / /automatic rw - autofs systemd-1 rw,fd=40
43 27 0:61 / /strange rw - newfs none rw
44 27 0:62 / /wsl rw - 9p drvfs rw
this line has another form
"""


@pytest.mark.parametrize(
    ("folder", "mode", "kind"),
    [
        ("/home/ann/docs", "native", "ext4"),
        ("/srv/team/docs", "poll", "nfs4"),
        ("/srv/team/local/docs", "native", "xfs"),
        ("/srv/teams", "native", "ext4"),
        ("/mnt/old share/docs", "poll", "cifs"),
        ("/home/ann/remote", "poll", "fuse.sshfs"),
        ("/media/stick", "native", "fuseblk"),
        ("/data/docs", "native", "btrfs"),
        ("/vm", "poll", "virtiofs"),
        ("/container/docs", "native", "overlay"),
        ("/bound", "native", "ext4"),
        ("/bound-share", "poll", "nfs4"),
        ("/automatic/x", "poll", "autofs"),
        ("/strange", "poll", "newfs"),
        ("/wsl/c", "poll", "9p"),
        ("/proc/self", "poll", "proc"),
    ],
)
def test_a_folder_is_watched_where_events_tell_of_every_change(folder: str, mode: str, kind: str) -> None:
    found = decide(PurePosixPath(folder), "auto", TABLE)
    assert (found.mode, found.kind) == (mode, kind)


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "fuse", "fuse.s3fs", "unheard-of"]
)
def test_each_file_system_that_is_polled_has_its_reason(kind: str) -> None:
    assert silence(kind)


def test_the_reason_names_the_file_system_its_place_and_what_is_wrong_with_it() -> None:
    assert decide(PurePosixPath("/srv/team/docs"), "auto", TABLE).reason == (
        "nfs4, mounted at /srv/team: other machines change its files, of which this one is not told"
    )


def test_shares_inside_a_folder_that_is_watched_are_named_to_be_polled() -> None:
    found = decide(PurePosixPath("/"), "auto", TABLE)
    assert found.mode == "native"
    assert found.polled == (
        *(
            "automatic",
            "bound-share",
            "home/ann/remote",
            "mnt/old share",
            "proc",
            "srv/team",
            "strange",
            "vm",
            "wsl",
        ),
    )
    assert decide(PurePosixPath("/srv"), "auto", TABLE).polled == ("team",)
    assert decide(PurePosixPath("/home/ann/docs"), "auto", TABLE).polled == ()


def test_a_setting_wins_and_says_what_it_costs() -> None:
    assert mode_of("/srv/team", "poll").mode == "poll"
    assert mode_of("/srv/team", "off").mode == "off"
    forced = decide(PurePosixPath("/srv/team"), "native", TABLE)
    assert forced.mode == "native"
    assert forced.reason.endswith("beware: other machines change its files, of which this one is not told")
    assert "beware" not in decide(PurePosixPath("/home"), "native", TABLE).reason


def test_a_link_counts_as_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "share")
    table = tmp_path / "mountinfo"
    table.write_text(f"1 0 8:1 / / rw - ext4 a rw\n2 1 0:9 / {tmp_path}/share rw - nfs4 b rw\n")
    assert mode_of(tmp_path / "link", table=table).mode == "poll"
    assert mode_of(tmp_path / "link" / "not-there-yet", table=table).mode == "poll"
    assert mode_of(tmp_path, table=table).mode == "native"


def test_without_a_table_of_mounts_nothing_is_relied_on(tmp_path: Path) -> None:
    assert mode_of(tmp_path, table=tmp_path / "none").mode == "poll"
    assert mode_of(tmp_path, "native", table=tmp_path / "none").mode == "native"
    (tmp_path / "empty").touch()
    assert mode_of(tmp_path, table=tmp_path / "empty").mode == "poll"


def test_this_machine_s_own_table_is_understood(tmp_path: Path) -> None:
    assert mode_of(tmp_path).kind


def test_what_is_watched_is_scanned_now_and_then_and_what_is_not_often() -> None:
    assert scan_interval("poll") == 60
    assert scan_interval("native") == 3600
    assert scan_interval("native", covered=False) == 60
    assert scan_interval("off") is None
    assert scan_interval("native", 5.0) == scan_interval("poll", 5.0) == scan_interval("off", 5.0) == 5.0
