from odoo import models


class FulfilmentProfile(models.Model):
    """What was asked for, promised, disputed and confirmed, in the line of time of a customer."""
    _inherit = 'fulfilment.profile'

    def _happened(self):
        env = self.env
        promises, disputes = self._kept('fulfilment.payment.promise', 'made_on'), self._kept('fulfilment.dispute', 'opened_on')
        statements = self._kept('fulfilment.statement', 'sent_on')
        letters = env['fulfilment.reminder'].search([
            ('customer_id', '=', self.partner_id.id), ('company_id', 'child_of', self.company_id.id), ('step_id', '!=', False),
            ('sent_on', '!=', False),
        ], order='sent_on desc', limit=40)
        states = {records: dict(records._fields['state']._description_selection(env)) for records in (promises, disputes, statements)}
        return [
            *super()._happened(),
            *self._told_of(promises, 'made_on', 'fa-handshake-o', env._("Promise to pay"), lambda one: (
                one.currency_id.format(one.amount), states[promises][one.state],
            )),
            *self._told_of(disputes, 'opened_on', 'fa-balance-scale', env._("Dispute"), lambda one: (
                f'{one.move_name}: {one.currency_id.format(one.amount)}', states[disputes][one.state],
            )),
            *self._told_of(statements, 'sent_on', 'fa-list-alt', env._("Statement of account"), lambda one: (
                one.currency_id.format(one.amount), states[statements][one.state],
            )),
            *self._told_of(letters, 'sent_on', 'fa-envelope-o', env._("Letter or call"), lambda one: (
                one.step_id.name, one.company_currency_id.format(one.amount_asked),
            )),
        ]
