"""The few pieces of HTML and pictures that records show of themselves. Texts are escaped, whoever typed them."""
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from odoo.tools import plaintext2html

Cell = str | tuple[str, str]
LETTERS = 14  # height of a line of small letters in a picture, in pixels
BUTTON = 'background-color:#875A7B;padding:8px 16px;text-decoration:none;color:#fff;border-radius:5px'


def link(url: str, text: str) -> Markup:
    """Return a link."""
    return Markup('<a href="%s">%s</a>') % (url, text)


def button(url: str, text: str) -> Markup:
    """Return a link that looks like a button in any mail reader."""
    return Markup('<a href="%s" style="%s">%s</a>') % (url, BUTTON, text)


def lines(parts: Iterable[str]) -> Markup:
    """Texts and links below each other."""
    return Markup('<br/>').join(parts)


def stacked(parts: Iterable[Markup]) -> Markup:
    """Return pieces of HTML that have been made safe already, below each other."""
    return Markup().join(parts)


def as_text(text: str) -> Markup:
    """Write a text, perhaps a stranger's, as text; what has been made safe stays."""
    return text if isinstance(text, Markup) else plaintext2html(text)


def folded(line: str, content: Markup) -> Markup:
    """Return one line that opens a longer text; the text has been made safe already."""
    return Markup('<details><summary>%s</summary>%s</details>') % (line, content)


def named(name: str, content: str) -> Markup:
    """Write what something is called before its content."""
    return Markup('%s: %s') % (name, content)


def about(model: str, text: str) -> Markup:
    """Return a text that can be searched by what it is about."""
    return Markup('<span data-oe-model="%s">%s</span>') % (model, text)


def table(
    head: list[str], rows: Iterable[Sequence[Cell]], left: int = 1, classes: str = 'table table-sm', below: str = '',
) -> Markup:
    """Return a table whose first columns are read from the left and whose others are numbers.

    :param list head: names of the columns
    :param rows: lists of cells; a cell is a text, or ``(text, classes)``
    :param int left: how many columns stand left
    :param str classes: of the table
    :param str below: a paragraph below it
    """
    def cells(tag: str, row: Sequence[Cell]) -> Markup:
        written = Markup()
        for position, cell in enumerate(row):
            text, own = cell if isinstance(cell, tuple) else (cell, '')
            own = ' '.join(filter(None, ('text-end' if position >= left else '', own)))
            written += Markup('<%(tag)s class="%(own)s">%(text)s</%(tag)s>' if own else '<%(tag)s>%(text)s</%(tag)s>') % {
                'tag': tag, 'own': own, 'text': text,
            }
        return Markup('<tr>%s</tr>') % written

    return Markup('<table class="%s"><thead>%s</thead><tbody>%s</tbody></table>%s') % (
        classes, cells('th', head), Markup().join(cells('td', row) for row in rows), Markup('<p>%s</p>') % below if below else '',
    )


def pairs(rows: Iterable[tuple[str, str]]) -> Markup:
    """Return what things are called and what they are, side by side."""
    return Markup('<dl class="row mb-0">%s</dl>') % Markup().join(
        Markup('<dt class="col-6 fw-normal text-muted">%s</dt><dd class="col-6 mb-1">%s</dd>') % (name, text) for name, text in rows
    )


def meter(parts: Sequence[tuple[float, str, str]], limit: float | None, label: str, limit_title: str = '') -> Markup:
    """Draw amounts after each other on one line, with a mark where they may end at most.

    :param parts: list of ``(amount, colour, title)``
    :param limit: where the mark stands; None for no mark
    :param str label: what the picture shows, for those who hear it
    :param str limit_title: what the mark means
    """
    whole = max(sum(amount for amount, _colour, _title in parts), limit or 0.0) or 1.0
    drawn, at = Markup(), 0.0
    for amount, colour, title in parts:
        wide = 1000 * amount / whole
        drawn += Markup('<rect x="%.1f" y="6" width="%.1f" height="24" fill="%s"><title>%s</title></rect>') % (at, wide, colour, title)
        at += wide
    if limit is not None:
        drawn += Markup('<rect x="%.1f" y="0" width="4" height="36" fill="#212529"><title>%s</title></rect>') % (
            min(1000 * limit / whole, 996), limit_title,
        )
    return Markup(
        '<svg viewBox="0 0 1000 36" preserveAspectRatio="none" width="100%%" height="36" role="img" aria-label="%s">'
        '<rect x="0" y="6" width="1000" height="24" fill="#e9ecef"/>%s</svg>'
    ) % (label, drawn)


def legend(parts: Iterable[tuple[str, str]]) -> Markup:
    """Return what the colours of a picture mean.

    :param parts: list of ``(colour, text)``
    """
    return Markup('<div class="d-flex flex-wrap gap-3 small">%s</div>') % Markup().join(
        Markup('<span><span style="display:inline-block;width:10px;height:10px;background:%s"></span> %s</span>') % (colour, text)
        for colour, text in parts
    )


def bars(
    columns: Iterable[tuple[float, float, float, str, str]], width: int, height: int, label: str = '',
    below: Sequence[tuple[float, str]] = (), top: str = '',
) -> Markup:
    """Draw a picture of bars that stand on one line.

    :param columns: list of ``(x, width, height, colour, title)`` in pixels; a bar is at least as high as it says
    :param int width: of the picture, in pixels
    :param int height: of the picture, in pixels
    :param str label: what the picture shows, for those who hear it
    :param below: list of ``(x, text)`` written below the line
    :param str top: how much the height of the picture stands for
    """
    rects = Markup().join(
        Markup('<rect x="%s" y="%s" width="%s" height="%s" fill="%s"><title>%s</title></rect>') % (
            x, height - tall, wide, tall, colour, title,
        ) for x, wide, tall, colour, title in columns
    )
    said = Markup(' aria-label="%s"') % label if label else ''
    above, line = (LETTERS if top else 0), height
    for x, text in below:
        rects += Markup('<text x="%s" y="%s" font-size="10" fill="#495057">%s</text>') % (x, line + LETTERS - 2, text)
    if below:
        rects += Markup('<rect x="0" y="%s" width="%s" height="1" fill="#adb5bd"/>') % (line, width)
    if top:
        rects = Markup('<text x="0" y="%s" font-size="10" fill="#495057">%s</text>') % (-3, top) + rects
    height += (LETTERS if below else 0) + above
    return Markup(
        '<svg viewBox="0 %(above)s %(width)s %(height)s" width="%(width)s" style="max-width:100%%;height:auto" role="img"%(said)s>'
        '%(rects)s</svg>'
    ) % {
        'above': -above, 'width': width, 'height': height, 'said': said, 'rects': rects,
    }


def quadrants(cells: Sequence[Sequence[tuple[str, bool]]], upwards: str, rightwards: str) -> Markup:
    """Draw four fields, with the one marked that counts.

    :param cells: two rows of two ``(name, whether it counts)``, the upper row first
    :param str upwards: what grows upwards
    :param str rightwards: what grows to the right
    """
    drawn = Markup()
    for row, pair in enumerate(cells):
        for column, (name, counts) in enumerate(pair):
            drawn += Markup(
                '<rect x="%s" y="%s" width="138" height="34" rx="3" fill="%s"/><text x="%s" y="%s" text-anchor="middle" font-size="11" '
                'fill="%s">%s</text>'
            ) % (
                20 + column * 142, 2 + row * 38, '#0d6efd' if counts else '#e9ecef', 89 + column * 142, 23 + row * 38,
                '#ffffff' if counts else '#495057', name,
            )
    chosen = next((name for pair in cells for name, counts in pair if counts), '')
    return Markup(
        '<svg viewBox="0 0 305 96" width="305" style="max-width:100%%;height:auto" role="img" aria-label="%s">%s'
        '<text x="-40" y="12" transform="rotate(-90)" text-anchor="middle" font-size="10" fill="#495057">%s →</text>'
        '<text x="162" y="90" text-anchor="middle" font-size="10" fill="#495057">%s →</text></svg>'
    ) % (chosen, drawn, upwards, rightwards)
