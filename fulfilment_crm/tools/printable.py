"""HTML that people typed, made ready for a printer that fetches whatever it is told to."""
import re

from lxml import etree, html
from markupsafe import Markup

OWN = re.compile(r'/web/image(/|\?|$)')
FETCHING = ('src', 'srcset', 'href', 'background', 'data', 'poster', 'xlink:href', 'action')
REMOVED = {'script', 'style', 'link', 'iframe', 'frame', 'object', 'embed', 'svg', 'video', 'audio', 'base', 'meta', 'form', 'input'}


def printable(text: str | None) -> Markup:
    """Return HTML without anything a printer would fetch from elsewhere.

    Pictures in the text itself (``data:``) and of this database (``/web/image``) stay; addresses of links stay as text.

    :param str text: HTML
    :return: Markup
    """
    if not text:
        return Markup('')
    root = html.fragment_fromstring(f'<div>{text}</div>')
    for node in list(root.iter()):
        if not isinstance(node.tag, str) or node.tag.lower() in REMOVED:
            if node is not root and node.getparent() is not None:
                node.drop_tree()
            continue
        for name in list(node.attrib):
            value = node.attrib[name].strip()
            if name.lower().startswith('on') or name.lower() in FETCHING and not _is_own(value) \
                    or name.lower() == 'style' and re.search(r'url\s*\(|@import|expression\s*\(|\\\\', value, re.I):
                del node.attrib[name]
    # safe: what is left was parsed, and written again by the library
    written = etree.tostring(root, encoding='unicode', method='html')
    return Markup(written[written.index('>') + 1:written.rindex('<')])


def _is_own(value: str) -> bool:
    return value.startswith('data:image/') and not value.startswith('data:image/svg') or bool(OWN.match(value))
