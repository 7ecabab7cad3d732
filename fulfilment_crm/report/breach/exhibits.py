"""The list of exhibits as a PDF that is the same to the byte whenever it says the same."""
import io
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

FONT = 'STSong-Light'  # every reader of PDF knows it, in Latin and Chinese


def exhibits_pdf(title, headings, rows):
    """Return the list as a PDF.

    :param str title: of the list
    :param headings: of its columns: number, name, purpose, pages
    :param rows: of texts, in the same order
    """
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    plain = ParagraphStyle('plain', fontName=FONT, fontSize=10, leading=14, wordWrap='CJK')
    heading = ParagraphStyle('heading', parent=plain, fontSize=15, leading=20)
    output = io.BytesIO()
    document = SimpleDocTemplate(output, pagesize=A4, invariant=1, title=title, leftMargin=50, rightMargin=50)
    table = Table(
        [[Paragraph(escape(str(cell)), plain) for cell in row] for row in [headings, *rows]], colWidths=[40, 190, 200, 50], repeatRows=1,
    )
    table.setStyle(TableStyle([('GRID', (0, 0), (-1, -1), 0.5, colors.grey), ('VALIGN', (0, 0), (-1, -1), 'TOP')]))
    document.build([Paragraph(escape(title), heading), Spacer(1, 12), table])
    return output.getvalue()
