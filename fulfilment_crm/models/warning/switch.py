from odoo import api, fields, models

from ..base.switch import Effect, Mechanism


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_warnings = fields.Boolean(string="Early warning")
    fulfilment_alerts_at_once = fields.Integer(
        string="Ask before more alerts at once than", default=100,
        help="A rule that would raise more alerts in one round is paused and says how many; whoever lets it watch again has agreed to "
             "them.",
    )

    _fulfilment_alerts_check = models.Constraint(
        'CHECK(fulfilment_alerts_at_once >= 1)', "At least one alert may be raised at once.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_alerts_at_once = fields.Integer(related='company_id.fulfilment_alerts_at_once', readonly=False)


class FulfilmentSwitch(models.TransientModel):
    _inherit = 'fulfilment.switch'

    @api.model
    def _mechanisms(self):
        return [*super()._mechanisms(), Mechanism(
            'warnings', 'fulfilment_warnings', self.env._("Early warning"), self.env._(
                "Warning rules raise alerts, with to-dos and a daily mail for their owners, and escalate what nobody looks at.",
            ), 'fa-exclamation-triangle',
        )]

    @api.model
    def _preview_warnings(self, companies):
        """By rule that watches, the alerts the next round would raise; what is too many at once says so."""
        days, effects = companies._fulfilment_today(), []
        for rule in self.env['fulfilment.warning.rule'].search([('state', '=', 'active')]):
            if rule.company_id and rule.company_id not in companies.parent_ids:
                continue
            fresh, _gone = rule._compare(days, watching=companies)
            effects.append(Effect(rule.name, len(fresh), rule.model, fresh, rule._why_not_now(fresh, companies) or ''))
        return effects
