from odoo import api, fields, models

from ..base.switch import Effect, Mechanism
from .rule import WATCHES


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_reminders = fields.Boolean(string="Send reminders")


class FulfilmentSwitch(models.TransientModel):
    _inherit = 'fulfilment.switch'

    @api.model
    def _mechanisms(self):
        return [*super()._mechanisms(), Mechanism(
            'reminders', 'fulfilment_reminders', self.env._("Reminders"), self.env._(
                "Customers and colleagues are reminded of milestones and of the end of contracts, by the reminder rules.",
            ), 'fa-bell-o',
        )]

    @api.model
    def _preview_reminders(self, companies):
        """By channel and audience, the reminders the next run would send; those it would only note as skipped are left out."""
        reminders, today = self.env['fulfilment.reminder'], companies._fulfilment_today()
        channels = dict(reminders._fields['channel']._description_selection(self.env))
        audiences = dict(reminders._fields['audience']._description_selection(self.env))
        effects = []
        for model in WATCHES:
            pairs = reminders._due_pairs(model, today)
            records = self.env[model].concat(*pairs)
            found = {}
            for vals in reminders._prepare_rows(records, pairs, today) if records else ():
                if vals['state'] == 'open':
                    found.setdefault((vals['channel'], vals['audience']), []).append(vals['milestone_id'] or vals['contract_id'])
            effects += [
                Effect(self.env._("%(channel)s to: %(audience)s", channel=channels[channel], audience=audiences[audience]), len(ids), model,
                       sorted(set(ids)))
                for (channel, audience), ids in found.items()
            ]
        return effects
