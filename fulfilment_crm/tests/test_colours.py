"""One meaning a colour, in all rooms: green is well or done, blue goes on, amber is near, red is late or bad, grey is over."""
import re
from collections import defaultdict

from lxml import etree

from odoo.tests import TransactionCase, tagged


@tagged('post_install', '-at_install')
class TestColours(TransactionCase):

    def test_what_is_called_the_same_has_the_same_colour(self):
        views = self.env['ir.ui.view'].search([('model', '=like', 'fulfilment.%'), ('type', 'in', ('list', 'form', 'kanban'))])
        colours = defaultdict(lambda: defaultdict(set))
        for view in views:
            model = self.env[view.model]
            for node in etree.fromstring(view.arch).iter('field'):
                field = model._fields.get(node.get('name'))
                if not field or field.type != 'selection' or node.get('widget') != 'badge':
                    continue
                labels = dict(field._description_selection(self.env(context={'lang': 'en_US'})))
                for name, condition in node.attrib.items():
                    if not name.startswith('decoration-'):
                        continue
                    told = re.findall(rf"\b{field.name} == '(\w+)'", condition)
                    for values in re.findall(rf"\b{field.name} in \(([^)]*)\)", condition):
                        told += re.findall(r"'(\w+)'", values)
                    for value in told:
                        colours[labels.get(value, value)][name.removeprefix('decoration-')].add(f'{view.model}.{field.name}')
        self.assertGreater(len(colours), 30)
        self.assertFalse({label: dict(used) for label, used in colours.items() if len(used) > 1})
