"""pandas.read_xml, to rows."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd

from benchmarks.contenders import Contender
from benchmarks.contenders.columns import records, tags_of_json
from benchmarks.records import WIRE_KEYS

# read_xml does not see nested elements: as its documentation advises, a stylesheet flattens them.
_FLATTEN = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/"><payload><xsl:apply-templates select="response/payload/item"/></payload>
</xsl:template>
<xsl:template match="item"><item><xsl:copy-of select="*[name() != 'tagsId']"/><tagsId>[<xsl:for-each
select="tagsId/item"><xsl:if test="position() &gt; 1">,</xsl:if><xsl:value-of select="."/>
</xsl:for-each>]</tagsId></item></xsl:template>
</xsl:stylesheet>"""


def _read(body: bytes) -> list[Any]:
    frame = pd.read_xml(io.BytesIO(body), stylesheet=io.StringIO(_FLATTEN), dtype=str)
    frame = frame.astype(object).where(frame.notna(), None)
    columns = {key: frame[key].tolist() for key in WIRE_KEYS}
    return records(columns, map(tags_of_json, columns["tagsId"]))


CONTENDER = Contender(
    "pandas.read_xml",
    ("pandas", "lxml.etree"),
    _read,
    lacks="to_xml writes no nested elements",
)
