from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...report.collection.instalment import PLACES


class FulfilmentProfile(models.Model):
    """From what is owed to the instalments it is made of, which whoever reads the profile may read, too."""
    _inherit = 'fulfilment.profile'

    def _records_behind(self):
        own = [('partner_id', '=', self.partner_id.id), ('company_id', 'child_of', self.company_id.id), ('is_open', '=', True)]
        return {
            **super()._records_behind(),
            'instalments': (self.env._("Open instalments"), 'fulfilment.instalment', own),
        }


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    def action_open_instalments(self):
        """Open what is owed, and what was paid, under these contracts."""
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Instalments"), 'res_model': 'fulfilment.instalment',
            'views': [(False, 'list'), (False, 'form')], 'domain': [('contract_id', 'in', self.ids)],
        }


class FulfilmentInstalment(models.Model):
    """What is done about an instalment: taking down what the customer says of it."""
    _inherit = 'fulfilment.instalment'

    def action_dispute(self):
        """Take down what the customer disputes of this instalment."""
        self.ensure_one()
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("New dispute"), 'res_model': 'fulfilment.dispute.open', 'view_mode': 'form',
            'target': 'new', 'context': {'default_line_number': self.id // PLACES},
        }

    def action_promise(self):
        """Take down what the customer promises to pay of these instalments.

        :raise UserError: when they are of several customers, companies or currencies
        """
        self.check_access('read')
        if len(self.partner_id) != 1 or len(self.company_id) != 1 or len(self.currency_id) != 1:
            raise UserError(self.env._("A promise is about one customer, company and currency: choose instalments of one."))
        reads_ledger = self.env['account.move.line'].has_access('read') and self._has_field_access(self._fields['move_line_id'], 'read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("New promise"), 'res_model': 'fulfilment.payment.promise',
            'view_mode': 'form', 'target': 'current', 'views': [(False, 'form')], 'context': {
                'default_partner_id': self.partner_id.id, 'default_company_id': self.company_id.id,
                'default_currency_id': self.currency_id.id, 'default_amount': sum(self.mapped('amount_dunnable')),
                **({'default_move_line_ids': [Command.set([one.id // PLACES for one in self])]} if reads_ledger else {}),
            },
        }
