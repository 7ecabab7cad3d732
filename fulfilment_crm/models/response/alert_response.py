from odoo import api, fields, models
from odoo.exceptions import ValidationError


class FulfilmentWarningRule(models.Model):
    """Which response plan belongs to the alerts of a rule."""
    _inherit = 'fulfilment.warning.rule'

    response_plan_id = fields.Many2one(
        'fulfilment.response.plan', string="Response plan", index='btree_not_null', ondelete='restrict', tracking=True,
        help="What is usually done about such an alert: proposed on each.",
    )
    starts_response = fields.Boolean(
        string="Start it at once", tracking=True, help="With each new alert; otherwise somebody starts it from the alert.",
    )

    @api.constrains('response_plan_id', 'starts_response', 'company_id')
    def _check_response_plan(self):
        for rule in self:
            plan = rule.response_plan_id
            if rule.starts_response and not plan:
                raise ValidationError(self.env._("Rule “%(rule)s” starts a response at once: choose the plan.", rule=rule.name))
            if plan.company_id and rule.company_id not in self.env['res.company'].search([('id', 'child_of', plan.company_id.id)]):
                raise ValidationError(self.env._(
                    "The plan “%(plan)s” is for %(company)s only, so rule “%(rule)s” cannot use it for others: choose another plan.",
                    plan=plan.name, company=plan.company_id.name, rule=rule.name,
                ))

    def _fault(self):
        plan = self.response_plan_id
        if self.starts_response and not plan.step_ids:
            return self.env._(
                "Rule “%(rule)s” starts the plan “%(plan)s”, which has no steps: add some first.", rule=self.name, plan=plan.name,
            )
        return super()._fault()


class FulfilmentAlert(models.Model):
    """What is done about alerts."""
    _name = 'fulfilment.alert'
    _inherit = ['fulfilment.alert', 'fulfilment.response.occasion.mixin']

    response_plan_id = fields.Many2one(related='rule_id.response_plan_id')
    def _usual_plan(self):
        return self.response_plan_id

    def _on_raised(self, moments):
        result = super()._on_raised(moments)
        for rule, alerts in self.grouped('rule_id').items():
            plan = rule.response_plan_id
            # A plan that was archived or has lost its steps since must not cost the alert: somebody starts another from it.
            if not rule.starts_response or not plan.step_ids or not plan.active:
                continue
            for moment, some in alerts.grouped(lambda alert: moments[alert.company_id]).items():
                plan._start(some, as_of=moment)
        return result
