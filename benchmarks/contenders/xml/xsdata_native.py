"""xsdata with its native handler and writer."""

from __future__ import annotations

from xsdata.formats.dataclass.parsers.handlers import XmlEventHandler
from xsdata.formats.dataclass.serializers.writers import XmlEventWriter

from benchmarks.contenders import Contender
from benchmarks.contenders.xml.xsdata_rows import prepare, reader, writer

CONTENDER = Contender(
    "xsdata, native handler",
    ("xsdata.formats.dataclass.parsers", "xsdata.formats.dataclass.serializers"),
    reader(XmlEventHandler),
    prepare,
    writer(XmlEventWriter),
)
