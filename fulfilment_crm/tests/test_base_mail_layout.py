"""All e-mails of ours have one frame: who writes, what they say, how to reach them, and no words of strangers as a heading."""
import re
from pathlib import Path

from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_path

ROOT = Path(file_path('fulfilment_crm/__manifest__.py')).parent
# The request to sign has Odoo's own frame, whose button leads to the contract.
OTHERS = {'mail.mail_notification_layout_with_responsible_signature'}


@tagged('post_install', '-at_install')
class TestMailLayout(TransactionCase):

    def test_no_other_frame(self):
        named = {
            (path.name, name) for path in ROOT.glob('models/**/*.py')
            for name in re.findall(r"'((?:mail|fulfilment_crm)\.mail_\w*(?:layout|light)\w*)'", path.read_text('utf8'))
        }
        self.assertEqual({name for _file, name in named} - OTHERS, {'fulfilment_crm.mail_layout'})
        self.assertEqual(sum(name == 'fulfilment_crm.mail_layout' for _file, name in named), 1, "named once")

    def test_what_it_says(self):
        company = self.env['res.company'].create({
            'name': 'Meridian <b>Automation</b>', 'email': 'office@meridian.example', 'phone': '+1 312', 'website': 'https://meridian.example',
        })
        html = str(self.env['mail.template']._render_encapsulate(
            'fulfilment_crm.mail_layout', '<p>Thank you.</p>', add_context={'company': company, 'model_description': 'Ticket'},
            context_record=self.env['res.partner'].create({'name': 'Buy pills'}),
        ))
        for text in ('<p>Thank you.</p>', 'Meridian &lt;b&gt;', 'mailto:office@meridian.example', '+1 312', 'https://meridian.example'):
            self.assertIn(text, html)
        self.assertNotIn('Buy pills', html)
        self.assertNotIn('Odoo', html)
