from functools import partial

from odoo import api, fields, models

from ..base.run import Action


class FulfilmentPaymentPromise(models.Model):
    """The daily round over what is owed."""
    _inherit = 'fulfilment.payment.promise'

    @api.model
    def _cron_collection(self, as_of=None):
        """Follow promises and plans, and do what the strategies ask for.

        :param as_of: the day to work for (date, or naive UTC datetime); with None each company's own today
        """
        self = self.sudo()  # safe: a scheduled action works for all companies
        run = self.env['fulfilment.run']._open('collection', as_of)
        days = self.env['res.company'].search([])._fulfilment_today(as_of)
        day = fields.Date.to_date(as_of) if as_of else None
        promises = self.search([('state', '=', 'open')])
        if not run._slices(promises, partial(self._follow_slice, day)):
            return
        plans = self.env['fulfilment.payment.plan'].search([('state', 'in', ('running', 'done'))])
        if run._slices(plans, lambda some: some._follow_promises(days)) and self.env['fulfilment.collection.position']._dun(run, day):
            run._close()

    @api.model
    def _follow_slice(self, day, promises):
        return promises._follow_ledger(day)


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(
            45, 'collection', self.env._("Collection"), 'fulfilment.payment.promise', '_cron_collection',
        )]

    @api.model
    def _effect_labels(self):
        channels = dict(self.env['fulfilment.collection.step']._fields['channel']._description_selection(self.env))
        return {
            **super()._effect_labels(), 'promises kept': self.env._("Promises kept"),
            'promises partly': self.env._("Promises kept in part"), 'promises broken': self.env._("Promises broken"),
            'promises open': self.env._("Promises open again"), 'plans ended': self.env._("Plans ended"),
            'plans fulfilled': self.env._("Plans fulfilled"), 'letters and calls': self.env._("Letters and calls"),
            **{f'dunning by {key}': self.env._("Asked for by %s", name) for key, name in channels.items()},
            **{f'dunning by {key} failed': self.env._("Asking by %s failed", name) for key, name in channels.items()},
        }
