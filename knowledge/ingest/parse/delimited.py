"""CSV and TSV files."""

import csv
import io
from pathlib import Path, PurePath

from askacme.lib.errors import FileTooComplex, UnreadableFile
from knowledge.ingest.parse.decode import decode
from knowledge.ingest.parse.limits import MAX_CELLS
from knowledge.ingest.parse.tables import TableWriter, rows_of_texts
from knowledge.ingest.parse.titles import pick_title
from knowledge.ingest.parse.writer import TextWriter
from knowledge.ingest.parsed import ParsedDocument

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 20
_SAMPLE_CHARACTERS = 4_000  # csv.Sniffer takes long over long lines
TOO_MANY_CELLS = (
    f"This file has more than {MAX_CELLS:,} filled cells: it is data rather than a document. Upload the part that "
    "people ask about."
)


def parse(path: Path, filename: str) -> ParsedDocument:
    text = decode(path.read_bytes())
    is_tsv = PurePath(filename).suffix.lower() == ".tsv"
    text, delimiter = (text, "\t") if is_tsv else _delimiter_of(text)
    writer = TextWriter()
    table = TableWriter(writer)
    cells = 0
    csv.field_size_limit(10_000_000)
    try:
        for row in rows_of_texts(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)):
            cells += len(row)
            if cells > MAX_CELLS:
                raise FileTooComplex(TOO_MANY_CELLS)
            table.add(row)
    except csv.Error as error:
        raise UnreadableFile(
            "The columns of this file could not be told apart. Open it in a spreadsheet, save it as .xlsx, and "
            "upload that."
        ) from error
    table.end_block()
    return writer.finish(pick_title(filename), "text/tab-separated-values" if is_tsv else "text/csv")


def _delimiter_of(text: str) -> tuple[str, str]:
    """The text without Excel's "sep=;" line, and the character between its columns."""
    first, _, rest = text.partition("\n")
    if (said := first.strip().lower()).startswith("sep=") and len(said) == 5:
        return rest, said[-1]
    sample = "\n".join(text[:_SAMPLE_CHARACTERS].splitlines()[:_SAMPLE_LINES])
    try:
        return text, csv.Sniffer().sniff(sample, _DELIMITERS).delimiter
    except csv.Error:
        return text, max(_DELIMITERS, key=first.count)
