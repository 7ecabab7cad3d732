"""The sources of the addon as a house of rooms: what each room owns, and what it names of others."""
import ast
import csv
import re
from collections import defaultdict
from typing import NamedTuple

from lxml import etree

# Each room may name models, fields and records of the rooms before it only (doc/design.md).
ORDER = (
    'base', 'clause', 'contract', 'profile', 'credit', 'value', 'reminder', 'ticket', 'interaction', 'care', 'satisfaction', 'warning',
    'risk', 'response', 'reward', 'collection', 'forecast', 'breach', 'oversight', 'start',
)
SHELVES = ('models', 'views', 'data', 'wizard', 'report', 'security')
MAKERS = re.compile(r'fields\.\w+|Figure\w+|Told\w+')
WORD = re.compile(r'[a-z_][a-z0-9_]*(?:\.[a-z0-9_]+)*')
SAID = ('string', 'help', 'placeholder', 'title', 'class', 'confirm', 'icon')  # attributes of views that are text or looks


class Reference(NamedTuple):
    """A name in one room that belongs to another."""
    file: str
    line: int
    room: str
    kind: str  # model, field, method, record or import
    name: str
    owner: str

    def __str__(self):
        return f'{self.file}:{self.line}: {self.room} names the {self.kind} {self.name} of {self.owner}, which comes after it'


def room_of(name):
    """The room of a file, by its path inside the addon; None where it belongs to none."""
    shelf, *rest = name.split('/')
    if shelf in SHELVES and len(rest) > 1:
        return rest[0]
    if shelf == 'controllers' and rest != ['__init__.py']:
        word = rest[0].split('_')[0]
        return word if word in ORDER else ORDER[0]
    return None


def rows_of(path):
    """The rows of a table with their lines: ``[(line, {column: text})]``."""
    with path.open(encoding='utf8') as source:
        return [*enumerate(csv.DictReader(source), 2)]


class House:
    """Read every file of every room.

    :param Path root: the folder of the addon
    :param set core: names of fields and methods that Odoo has, too: nobody can tell whose is meant
    """

    def __init__(self, root, core=()):
        self.root, self.core = root, set(core)
        self.owners = {kind: defaultdict(set) for kind in ('model', 'field', 'method', 'record')}
        self.aliases = defaultdict(set)  # what a room's SQL calls its columns
        self.files = {}
        for path in sorted(root.rglob('*')):
            name = path.relative_to(root).as_posix()
            room = room_of(name) if path.suffix in ('.py', '.xml', '.csv') else None
            if room:
                self.files[name] = room
                self._own(path, room)

    def _own(self, path, room):
        if path.suffix == '.csv':
            self.owners['record'].update({row['id']: {room} for _line, row in rows_of(path)})
            return
        if path.suffix == '.xml':
            for node in etree.parse(str(path)).iter('record', 'template', 'menuitem'):
                self.owners['record'][node.get('id', '').removeprefix('fulfilment_crm.')].add(room)
            return
        for node in ast.walk(ast.parse(path.read_text('utf8'))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and 'SELECT' in node.value:
                self.aliases[room].update(re.findall(r'\bAS (\w+)', node.value))
            if isinstance(node, ast.ClassDef):
                for item in node.body:
                    self._own_item(item, room)

    def _own_item(self, item, room):
        if isinstance(item, ast.FunctionDef):
            self.owners['method'][item.name].add(room)
        elif isinstance(item, ast.AnnAssign):
            self.owners['field'][item.target.id].add(room)
        elif isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            name, value = item.targets[0].id, item.value
            if name == '_name' and isinstance(value, ast.Constant) and value.value.startswith('fulfilment.'):
                self.owners['model'][value.value].add(room)
                self.owners['model'][value.value.replace('.', '_')].add(room)  # its table
            elif isinstance(value, ast.Call) and MAKERS.fullmatch(ast.unparse(value.func)):
                self.owners['field'][name].add(room)

    def upward(self):
        """What rooms name of rooms that come after them: a list of ``Reference``, one for each name and file."""
        found = {}
        for file, room in self.files.items():
            for line, kind, name in self._named(self.root / file):
                owner = self._owner(kind, name, room, file)
                if owner and ORDER.index(owner) > ORDER.index(room):
                    found.setdefault((file, kind, name), Reference(file, line, room, kind, name, owner))
        return list(found.values())

    def _owner(self, kind, name, room, file):
        if kind == 'import':
            return self.files.get(name)
        if kind in ('field', 'method') and (
            name in self.core or '_' not in name.strip('_') or kind == 'method' and name in self.owners['field']
            or any(name in self.aliases[one] for one in ORDER[:ORDER.index(room) + 1])
        ):
            return None
        return min(self.owners[kind].get(name, ()), key=ORDER.index, default=None)

    def _named(self, path):
        """What a file names: ``(line, kind, name)``."""
        return {'.xml': self._named_in_xml, '.csv': self._named_in_rows}.get(path.suffix, self._named_in_python)(path)

    def _named_in_rows(self, path):
        for line, row in rows_of(path):
            for text in row.values():
                yield from self._words(line, text, ('model', 'record', 'field'))

    def _named_in_python(self, path):
        tree = ast.parse(path.read_text('utf8'))
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
        told = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented) and isinstance(node.body[0], ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                yield node.lineno, 'field', node.attr
                yield node.lineno, 'method', node.attr
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
                yield from self._words(node.lineno, node.value, ('model', 'record', 'field'))
            elif isinstance(node, ast.ImportFrom) and node.level:
                parts = path.relative_to(self.root).with_suffix('').parts
                place = '/'.join((*parts[:-node.level], *(node.module or '').split('.'))).rstrip('/')
                for name in (place, *(f'{place}/{alias.name}' for alias in node.names)):
                    yield node.lineno, 'import', f'{name}.py'

    def _named_in_xml(self, path):
        for node in etree.parse(str(path)).iter(etree.Element):
            for key, value in node.attrib.items():
                # Names of pages and filters are a view's own.
                if key not in SAID and (key != 'name' or node.tag in ('field', 'button', 'attribute')):
                    yield from self._words(node.sourceline, value, ('model', 'record', 'field', 'method'))
            if node.text and node.tag in ('field', 'attribute'):
                yield from self._words(node.sourceline, node.text, ('model', 'record', 'field'))

    @staticmethod
    def _words(line, text, kinds):
        for word in WORD.findall(text):
            for name in {word, word.removeprefix('fulfilment_crm.'), *(word.split('.'))}:
                for kind in kinds:
                    yield line, kind, name
