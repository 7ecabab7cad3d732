from odoo import fields, models
from odoo.exceptions import UserError

from ..base.opening import open_list

LEDGER = 'account.group_account_readonly,account.group_account_invoice'


class FulfilmentProfile(models.Model):
    """From a figure to the records behind it, as far as the reader may see them."""
    _inherit = 'fulfilment.profile'

    partner_email = fields.Char(related='partner_id.email', string="E-mail")
    partner_phone = fields.Char(related='partner_id.phone', string="Phone")

    def action_open_records(self, facts=None):
        """Open the records behind figures.

        :param str facts: a key of ``_records_behind``; taken from the context key ``facts`` when missing
        :raise UserError: when there is nothing of that name
        """
        self.ensure_one()
        self.check_access('read')
        facts = facts or self.env.context.get('facts')
        kinds = self._records_behind()
        if facts not in kinds:
            raise UserError(self.env._("There are no records called “%s” behind a profile.", facts))
        name, model, domain = kinds[facts]
        return {
            'type': 'ir.actions.act_window', 'name': name, 'res_model': model, 'domain': domain,
            'views': [(False, 'list'), (False, 'form')],
            'context': {'create': False},
        } if facts != 'partner' else {
            'type': 'ir.actions.act_window', 'res_model': 'res.partner', 'res_id': self.partner_id.id, 'views': [(False, 'form')],
        }

    def _records_behind(self):
        """``{facts: (title, model, domain)}``. A room adds what its figures are made of."""
        self.ensure_one()
        customer, company = [('commercial_partner_id', '=', self.partner_id.id)], [('company_id', 'child_of', self.company_id.id)]
        lines = [
            ('partner_id', 'child_of', self.partner_id.id), ('account_type', '=', 'asset_receivable'), ('parent_state', '=', 'posted'),
            *company,
        ]
        today = self.company_id._fulfilment_today()[self.company_id]
        invoices = [*customer, ('move_type', 'in', ('out_invoice', 'out_refund', 'out_receipt')), ('state', '=', 'posted'), *company]
        orders = [('partner_id', 'child_of', self.partner_id.id), ('state', '=', 'sale'), *company]
        own = [('partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id)]
        return {
            'receivables': (self.env._("Owed"), 'account.move.line', [*lines, ('reconciled', '=', False)]),
            'overdue': (self.env._("Overdue"), 'account.move.line', [
                *lines, ('reconciled', '=', False), ('date_maturity', '<', today), ('balance', '>', 0),
            ]),
            'invoices': (self.env._("Invoices"), 'account.move', invoices),
            'orders': (self.env._("Orders"), 'sale.order', orders),
            'uninvoiced': (self.env._("Ordered, not invoiced"), 'sale.order', [*orders, ('invoice_status', '!=', 'invoiced')]),
            'contracts': (self.env._("Contracts"), 'fulfilment.contract', [*customer, *company]),
            'milestones': (self.env._("Milestones"), 'fulfilment.milestone', [('partner_id', 'child_of', self.partner_id.id), *company]),
            'history': (self.env._("Month ends"), 'fulfilment.profile.history', own),
            'partner': (self.env._("Contact"), 'res.partner', []),
        }

    def action_open_trend(self):
        """Open the customer's figures at the month ends as a graph."""
        self.ensure_one()
        return open_list(self, 'profile_history_action', [('partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id)])

    def action_refresh(self):
        """Bring the figures of these customers up to date now."""
        self.check_access('read')
        for company, profiles in self.grouped('company_id').items():
            self._refresh(profiles.partner_id, companies=company)
        return True
