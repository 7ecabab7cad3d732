from odoo import api, models

from ..base.run import Action


class FulfilmentStatement(models.Model):
    """Statements of many customers are sent by a scheduled action: making a document takes a while."""
    _inherit = 'fulfilment.statement'

    @api.model
    def _cron_statements(self, as_of=None):
        """Send the statements that wait for it.

        :param as_of: the day to work for; what waits is sent whatever the day
        """
        self = self.sudo()  # safe: a scheduled action; what waits was put there by who may send it
        run = self.env['fulfilment.run']._open('statements', as_of)
        waiting = self.search([('is_queued', '=', True), ('state', '=', 'draft')])
        if run._slices(waiting, self._send_slice, size=10):
            run._close()

    @api.model
    def _send_slice(self, statements):
        waiting = statements.filtered(lambda one: one.is_queued and one.state == 'draft')
        waiting.action_send()
        return {'statements sent': len(waiting)}


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(46, 'statements', self.env._("Statements"), 'fulfilment.statement', '_cron_statements')]

    @api.model
    def _effect_labels(self):
        return {**super()._effect_labels(), 'statements sent': self.env._("Statements sent")}
