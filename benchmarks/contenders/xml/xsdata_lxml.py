"""xsdata with its lxml handler and writer."""

from __future__ import annotations

from xsdata.formats.dataclass.parsers.handlers import LxmlEventHandler
from xsdata.formats.dataclass.serializers.writers import LxmlEventWriter

from benchmarks.contenders import Contender
from benchmarks.contenders.xml.xsdata_rows import IMPORTS, prepare, reader, writer

CONTENDER = Contender(
    "xsdata, lxml handler",
    IMPORTS,
    reader(LxmlEventHandler),
    prepare,
    writer(LxmlEventWriter),
)
