from odoo import api, fields, models

from ..base.switch import Effect, Mechanism


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_collection = fields.Boolean(string="Collect by strategies")
    fulfilment_collection_until = fields.Date(
        string="Instalments taken in until", copy=False, help="Due dates up to this one have been looked at by the strategies.",
    )
    fulfilment_hour_cost = fields.Float(
        string="Cost of an hour of collecting", help="For the cost of collection: minutes of the steps at this rate.",
    )

    def write(self, vals):
        if vals.get('fulfilment_collection') is False:
            vals = {**vals, 'fulfilment_collection_until': False}  # switched on again, it looks at everything anew
        return super().write(vals)


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_hour_cost = fields.Float(related='company_id.fulfilment_hour_cost', readonly=False)


class FulfilmentSwitch(models.TransientModel):
    _inherit = 'fulfilment.switch'

    @api.model
    def _mechanisms(self):
        return [*super()._mechanisms(), Mechanism(
            'collection', 'fulfilment_collection', self.env._("Collection"), self.env._(
                "Customers are asked for what they owe, step by step, by the strategies of collection.",
            ), 'fa-money',
        )]

    @api.model
    def _preview_collection(self, companies):
        """By channel, the letters and calls of today; what is disputed, promised or paused is left out."""
        found = {}
        strategies = self.env['fulfilment.collection.strategy'].search([])
        for company in companies:
            for strategy in strategies:
                for one in strategy._simulated(company, 0):
                    found.setdefault(one['step'].channel, []).append(one['customer'].id)
        channels = dict(self.env['fulfilment.collection.step']._fields['channel']._description_selection(self.env))
        return [
            Effect(self.env._("%s to customers", channels[channel]), len(ids), 'res.partner', sorted(set(ids)))
            for channel, ids in sorted(found.items())
        ]
