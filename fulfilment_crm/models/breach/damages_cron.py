from functools import partial

from odoo import api, fields, models

from ..base.run import Action


class FulfilmentDamages(models.Model):
    """The daily round over damages."""
    _inherit = 'fulfilment.damages'

    @api.model
    def _cron_damages(self, as_of=None):
        """Work out the damages of what is late or has changed, and follow the documents of those claimed.

        :param as_of: the day to work for (date, or naive UTC datetime); with None each company's own today
        """
        self = self.sudo()  # safe: a scheduled action works for all companies
        run = self.env['fulfilment.run']._open('damages', as_of)
        days = self.env['res.company'].search([])._fulfilment_today(as_of)
        contracts = self._contracts_to_reckon(days)
        if not run._slices(contracts, partial(self._accrue_slice, fields.Date.to_date(as_of) if as_of else None)):
            return
        if run._slices(self.search(['|', ('state', '=', 'claimed'), '&', ('state', '=', 'settled'), ('settled_by_word', '=', False)]),
                       lambda some: some._follow_documents()):
            run._close()

    @api.model
    def _accrue_slice(self, day, contracts):
        return contracts._accrue_damages(contracts.company_id._fulfilment_today(day))


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(15, 'damages', self.env._("Damages"), 'fulfilment.damages', '_cron_damages')]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(), 'damages begun': self.env._("Damages begun"), 'damages changed': self.env._("Damages changed"),
            'damages changed after the claim': self.env._("Facts changed after the claim"),
            'damages settled': self.env._("Damages settled"), 'damages open again': self.env._("Damages open again"),
            'claims without document': self.env._("Claims without a document"),
        }
