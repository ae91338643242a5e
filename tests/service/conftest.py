"""A machine with the service on it and documents to index, for the tests that need one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.service.machine import Machine, NoMachineError, machine, missing
from tests.service.units import SYSTEMD
from tests.support.pdfs import Sheet, Words, pdf
from tests.unit.parsing.office_files import docx, w

LETTER = b"From: Ann <ann@example.org>\r\nSubject: Parking\r\n\r\nVisitors park behind the mill.\r\n"


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine on which the service is installed, not started. Its sources: /srv/documents, and a share under /home."""
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    root = tmp_path_factory.mktemp("machine")
    subprocess.run(["make", "--silent", "install-service", f"DESTDIR={root}"], cwd=SYSTEMD.parent, check=True)
    shutil.copytree(SYSTEMD.parent / "examples/policies", root / "srv/documents")
    share = root / "home/ann/share"
    share.mkdir(parents=True)
    (share / "lunch.docx").write_bytes(docx(w("The canteen opens at half past eleven.")))
    (share / "keys.pdf").write_bytes(pdf(Sheet([Words("Lost keys are reported to the porter.")])))
    (share / "parking.eml").write_bytes(LETTER)
    with (root / "etc/indexer/config.toml").open("a") as file:
        file.write('\n[[source]]\nname = "share"\nkind = "files"\nroot = "/home/ann/share"\n')
    try:
        with machine(root) as booted:
            yield booted
    except NoMachineError as error:
        pytest.skip(str(error))
