"""Excel files: a report says what stands in a neutral sheet, and one renderer writes them all."""
import io
from dataclasses import dataclass, field

import xlsxwriter

FORMATS = {
    'text': {'text_wrap': False},
    'date': {'num_format': 'yyyy-mm-dd', 'align': 'left'},
    'money': {'num_format': '#,##0.00'},
    'number': {'num_format': '#,##0'},
    'percent': {'num_format': '0.0'},
}


@dataclass
class Column:
    """A column: its heading, what its cells are (a key of ``FORMATS``) and its width in characters."""
    label: str
    kind: str = 'text'
    width: int = 16


@dataclass
class Sheet:
    """A table with a title; a cell is None where there is no value."""
    title: str
    columns: list
    rows: list = field(default_factory=list)


def render(sheet: Sheet) -> bytes:
    """Write the sheet as an Excel file. Texts are written as texts: one that begins with =, +, - or @ is never a formula.

    Rows are written one after the other and not kept in memory.

    :param Sheet sheet: what to write
    :return: bytes
    :raise ValueError: when the sheet has more rows than Excel can hold
    """
    output = io.BytesIO()
    workbook = xlsxwriter.Workbook(output, {'constant_memory': True, 'strings_to_formulas': False, 'strings_to_urls': False})
    page = workbook.add_worksheet()
    if len(sheet.rows) >= page.xls_rowmax:
        raise ValueError(f'{sheet.title}: {len(sheet.rows)} rows are more than an Excel sheet can hold')
    heading = workbook.add_format({'bold': True, 'bg_color': '#E9ECEF', 'bottom': 1})
    formats = {kind: workbook.add_format(options) for kind, options in FORMATS.items()}
    page.freeze_panes(1, 1)
    for position, column in enumerate(sheet.columns):
        page.set_column(position, position, column.width)
        page.write_string(0, position, column.label, heading)
    for number, row in enumerate(sheet.rows, 1):
        for position, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            if value is None or value is False:
                continue
            if column.kind == 'text':
                page.write_string(number, position, str(value), formats['text'])
            elif column.kind == 'date':
                page.write_datetime(number, position, value, formats['date'])
            else:
                page.write_number(number, position, value, formats[column.kind])
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)
    workbook.close()
    return output.getvalue()
