from datetime import datetime

from odoo import api, fields, models

from ...tools.local_time import end_of
from ..base.run import Action


class FulfilmentTicket(models.Model):
    """The rounds over tickets, every few minutes: deadlines that have come, and solved tickets to close."""
    _inherit = 'fulfilment.ticket'

    @api.model
    def _cron_tickets(self, as_of=None):
        """Warn of deadlines, note what is missed, escalate, and close what nobody objects to.

        :param as_of: naive UTC datetime, or a date for that day's end in each company's time zone; now when None or today
        """
        # safe: a scheduled action works for all companies
        self = self.sudo()
        run = self.env['fulfilment.run']._open('tickets', as_of.date() if isinstance(as_of, datetime) else as_of)
        for moment, companies in self._moments(as_of).items():
            if not self._round_deadlines(run, companies, moment) or not self._round_close(run, companies, moment):
                return
        run._close()

    @api.model
    def _moments(self, as_of):
        """Return the moment to work for of each company: ``{moment: companies}``."""
        companies, now = self.env['res.company'].search([]), fields.Datetime.now()
        if as_of is None or isinstance(as_of, datetime):
            return {as_of or now: companies}
        moments = {}
        for company, today in companies._fulfilment_today().items():
            moment = now if as_of == today else end_of(as_of, company._fulfilment_zone())
            moments[moment] = moments.get(moment, self.env['res.company']) | company
        return moments

    @api.model
    def _round_deadlines(self, run, companies, moment):
        due = self.env['fulfilment.ticket.deadline'].search(
            [('next_on', '<=', moment), ('company_id', 'in', companies.ids)], order='next_on, id',
        )
        return run._slices(due, lambda deadlines: deadlines._look(moment))

    @api.model
    def _round_close(self, run, companies, moment):
        waiting = self.with_context(active_test=False).search(
            [('close_on', '<=', moment), ('company_id', 'in', companies.ids)], order='close_on, id',
        )

        def work(tickets):
            solved = tickets.filtered(lambda one: one.kind == 'solved' and one.close_on and one.close_on <= moment)
            solved._to('closed')
            return {'tickets closed': len(solved)}
        return run._slices(waiting, work)


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(90, 'tickets', self.env._("Tickets"), 'fulfilment.ticket', '_cron_tickets')]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(), 'deadlines warned': self.env._("Deadlines warned of"),
            'deadlines missed': self.env._("Deadlines missed"), 'deadlines escalated': self.env._("Deadlines escalated"),
            'tickets closed': self.env._("Tickets closed"),
        }
