"""The merged cells of a workbook's sheets, which openpyxl doesn't tell when it reads row by row."""

import re
import zipfile
from pathlib import Path
from posixpath import join, normpath
from typing import Any

from lxml import etree
from openpyxl.utils.cell import column_index_from_string

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')

Merges = dict[tuple[int, int], tuple[int, int]]  # (row, column) of the first cell: (rows, columns) it covers


def merges_of(path: Path) -> dict[str, Merges]:
    """Each sheet's merged cells, by the sheet's name."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return {}
        relations = _xml(archive, "xl/_rels/workbook.xml.rels")
        targets = {relation.get("Id"): normpath(join("/xl", relation.get("Target", "")))[1:] for relation in relations}
        found: dict[str, Merges] = {}
        for sheet in _xml(archive, "xl/workbook.xml").iter("{*}sheet"):
            reference = next((value for name, value in sheet.items() if name.endswith("}id")), None)
            if (target := targets.get(reference)) in names:
                found[sheet.get("name", "")] = _merges_in(archive.read(target))
        return found


def _merges_in(sheet: bytes) -> Merges:
    merges: Merges = {}
    for left, top, right, bottom in _MERGED.findall(sheet, max(sheet.rfind(b"sheetData"), 0)):
        column, row = column_index_from_string(left.decode()), int(top)
        across = column_index_from_string(right.decode()) - column + 1
        merges[row, column] = (int(bottom) - row + 1, across)
    return merges


def _xml(archive: zipfile.ZipFile, name: str) -> Any:
    return etree.fromstring(archive.read(name), etree.XMLParser(resolve_entities=False, no_network=True))
