"""The rooms stand in an order, and no room names what comes after it (doc/design.md)."""
import shutil
import tempfile
from pathlib import Path

from odoo import fields
from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_path

from .house import ORDER, SHELVES, House

ROOT = Path(file_path('fulfilment_crm/__manifest__.py')).parent
# Words that mean something else where they stand: (file, name).
OTHER_MEANINGS = {
    # A kind of change of amendments, not the figure of the profile.
    ('models/contract/amendment_line.py', 'contract_amount'), ('models/contract/amendment_worth.py', 'contract_amount'),
    ('views/contract/amendment_views.xml', 'contract_amount'),
    # A placeholder in wording, not the field of contracts.
    ('models/clause/clause.py', 'amount_in_words'), ('data/clause/clauses.xml', 'amount_in_words'),
    ('data/clause/clauses.xml', 'cure_days'),
}


@tagged('post_install', '-at_install')
class TestHouseRooms(TransactionCase):

    def _core(self):
        """Names of fields and methods that are Odoo's."""
        names = {name for kind in vars(fields).values() if isinstance(kind, type) for name in dir(kind)}
        for model in self.env.registry.values():
            names.update(name for name, field in model._fields.items() if set(field._modules) - {'fulfilment_crm'})
            for one in model.__mro__:
                if not one.__module__.startswith('odoo.addons.fulfilment_crm'):
                    names.update(name for name, value in vars(one).items() if callable(value))
        return names

    def test_no_room_names_what_comes_after_it(self):
        found = [one for one in House(ROOT, self._core()).upward() if (one.file, one.name) not in OTHER_MEANINGS]
        self.assertFalse(found, '\n' + '\n'.join(map(str, found)))

    def test_what_is_excused_is_there(self):
        upward = {(one.file, one.name) for one in House(ROOT, self._core()).upward()}
        self.assertLessEqual(OTHER_MEANINGS, upward)

    def test_a_name_put_in_is_found_and_named(self):
        """Of every kind: a model, a table, a field, a method, a record, an import."""
        core = self._core()
        for words, kind in (
            ("X = 'fulfilment.alert'", 'model'), ("X = 'SELECT id FROM fulfilment_alert'", 'model'),
            ("def x(partner):\n    return partner.credit_grade_id", 'field'), ("X = [('credit_grade_id', '=', False)]", 'field'),
            ("def x(partner):\n    return partner.action_start_fulfilment_response()", 'method'),
            ("X = 'fulfilment_crm.warning_rule_overdue'", 'record'), ("from ..warning.alert import HOLDING", 'import'),
        ):
            with tempfile.TemporaryDirectory() as folder:
                copy = Path(folder)
                for shelf in SHELVES:
                    shutil.copytree(ROOT / shelf, copy / shelf)
                (copy / 'models/contract/straggler.py').write_text(words)
                found = [one for one in House(copy, core).upward() if one.file == 'models/contract/straggler.py']
            with self.subTest(words=words):
                self.assertIn(kind, {one.kind for one in found})
                self.assertIn('models/contract/straggler.py:', str(found[0]))

    def test_every_shelf_has_the_same_rooms(self):
        rooms = {path.name for path in (ROOT / 'models').iterdir() if path.is_dir() and not path.name.startswith('_')}
        self.assertEqual(rooms, set(ORDER))
        for shelf in SHELVES:
            folders = {path.name for path in (ROOT / shelf).iterdir() if path.is_dir() and not path.name.startswith('_')}
            self.assertLessEqual(folders, rooms, shelf)
        self.assertEqual({path.stem.split('_')[0] for path in (ROOT / 'views').glob('*.xml')}, {'menus'})
