"""Document properties of PDF files."""

from __future__ import annotations

import pytest

from indexer.parsing.pdf.properties import iso_date, metadata, xmp_properties


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("D:20220403180542+02'00'", "2022-04-03T18:05:42+02:00"),
        ("D:20220403180542Z", "2022-04-03T18:05:42Z"),
        ("D:20201002001208Z00'00'", "2020-10-02T00:12:08Z"),
        ("20220403", "2022-04-03"),
        ("D:2022", "2022"),
        ("2022-04-03T18:05:42+02:00", "2022-04-03T18:05:42+02:00"),
        ("yesterday", ""),
    ],
)
def test_dates_become_iso_8601(given: str, made: str) -> None:
    assert iso_date(given) == made


def test_the_info_dictionary_goes_before_xmp_and_names_are_those_of_front_matter() -> None:
    info = {"Title": "Policy", "CreationDate": "D:2024", "Producer": "x"}
    assert metadata(info, {"title": "Other", "creator": "Ann", "VersionID": "7"}) == {
        "title": "Policy",
        "created": "2024",
        "author": "Ann",
        "version": "7",
    }


@pytest.mark.parametrize("title", ["Microsoft Word - draft.docx", "Untitled", "scan0001.tif", "report.indd"])
def test_names_of_programs_and_files_are_no_titles(title: str) -> None:
    assert "title" not in metadata({"Title": title}, {})


def packet(inner: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"'
        f' pdf:Producer="p">{inner}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


def test_the_last_packet_of_the_document_counts_and_those_of_images_do_not() -> None:
    title = "<dc:title><rdf:Alt><rdf:li>{}</rdf:li></rdf:Alt></dc:title>"
    image = packet(title.format("A photo")).replace(b"pdf:Producer", b"pdf:Camera")
    data = b"%PDF" + packet(title.format("Old")) + b"..." + packet(title.format("New")) + image
    assert xmp_properties(data)["title"] == "New"


def test_broken_packets_and_entities_are_harmless() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + packet("<dc:title>&a;</dc:title>")
    assert "root:" not in str(xmp_properties(bomb))
    assert xmp_properties(packet("<dc:title>cut")[:-60]) == {}
