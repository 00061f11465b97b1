"""Word files."""

from spacy_deid.apply.formats.docx.format import DocxFormat as DocxFormat
