from odoo import models
from odoo.fields import Domain

# Figures a customer knows anyway: how far they are from a goal may be told. Scores, grades and margins never are.
KNOWN = {
    'on_time_payment_rate', 'payment_count', 'revenue_12m', 'order_count_12m', 'invoice_count_12m', 'relation_years', 'satisfaction_avg',
    'satisfaction_count',
}
GOALS = ('>=', '>', '=')


class FulfilmentRewardRule(models.Model):
    """What customers are told about the rewards they can still earn."""
    _inherit = 'fulfilment.reward.rule'

    def _told_to(self, partner, company):
        """Return what a customer reads of these rules: ``[{rule, had, figure, now, goal}]``.

        The last three are empty unless all figures of the rule are known to customers and exactly one of them is short of its goal.
        """
        # safe: the customer's own figures and rewards, of which only what is known to customers is told
        profile = self.env['fulfilment.profile'].sudo().search([('partner_id', '=', partner.id), ('company_id', '=', company.id)])
        day = company._fulfilment_today(reading=True)[company]
        # safe: as above
        had = self.env['fulfilment.reward.grant'].sudo().search([
            ('partner_id', '=', partner.id), ('company_id', '=', company.id), ('rule_id', 'in', self.ids), ('period_end', '>=', day),
            ('state', 'not in', ('refused', 'taken_back')),
        ]).rule_id
        return [{
            'rule': rule, 'had': rule in had, **(rule._distance(profile) if profile and rule not in had else {}),
        } for rule in self]

    def _distance(self, profile):
        """Return the one figure that keeps a customer from the reward, in words, or nothing."""
        self.ensure_one()
        parts = list(self._parsed_domain())
        if any(not isinstance(part, tuple) and part != '&' for part in parts):
            return {}
        leaves = [part for part in parts if isinstance(part, tuple)]
        if any(name not in KNOWN or operator not in GOALS or not isinstance(value, (int, float)) for name, operator, value in leaves):
            return {}
        short = [leaf for leaf in leaves if not profile.filtered_domain(Domain(*leaf))]
        if len(short) != 1:
            return {}
        name, _operator, value = short[0]
        return {
            'figure': profile._fields[name]._description_string(self.env),
            'now': profile._value_in_words(name, profile[name], profile.currency_id),
            'goal': profile.currency_id.format(value) if profile._fields[name].type == 'monetary' else f'{value:g}',
        }
