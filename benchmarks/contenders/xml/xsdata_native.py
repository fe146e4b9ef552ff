"""xsdata with its native handler and writer."""

from __future__ import annotations

from xsdata.formats.dataclass.parsers.handlers import XmlEventHandler
from xsdata.formats.dataclass.serializers.writers import XmlEventWriter

from benchmarks.contenders import Contender
from benchmarks.contenders.xml.xsdata_rows import IMPORTS, prepare, reader, writer

CONTENDER = Contender(
    "xsdata, native handler",
    IMPORTS,
    reader(XmlEventHandler),
    prepare,
    writer(XmlEventWriter),
    differs={"serialize": "a carriage return is written as it is, which XML reads as a line feed"},
)
