from odoo import fields, models
from odoo.fields import Command

from ..base.opening import open_list


class FulfilmentRewardPreview(models.TransientModel):
    """Whom a rule would reward in this period and what it would cost, before it is put into use."""
    _name = 'fulfilment.reward.preview'
    _description = 'Preview of a reward rule'

    rule_id = fields.Many2one('fulfilment.reward.rule', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade')
    currency_id = fields.Many2one(related='company_id.currency_id')
    period = fields.Char(readonly=True)
    is_unlimited = fields.Boolean(string="Without limit", readonly=True)
    customer_count = fields.Integer(string="Customers it fits", readonly=True, help="Without those who got it in this period already.")
    fitting_count = fields.Integer(string="Would be rewarded", readonly=True)
    beyond_count = fields.Integer(string="Beyond the budget", readonly=True)
    cost = fields.Monetary(string="Would cost", readonly=True, help="Of those who would be rewarded.")
    left = fields.Monetary(string="Left of the budget", readonly=True, help="Before this.")
    line_ids = fields.One2many('fulfilment.reward.preview.line', 'preview_id', readonly=True)

    def _fill(self, day):
        """Look for the customers and cut them off where the budget ends."""
        self.ensure_one()
        rule, company = self.rule_id, self.company_id
        candidates, each = rule._candidates(company, day), rule._cost_in(company)
        name = rule._period_of(day)[2]
        budgets = self.env['fulfilment.reward.budget']
        row = budgets._running(rule, company, day)
        budget = budgets.new({
            'company_id': company.id, 'is_unlimited': rule.is_unlimited, 'amount': company.currency_id.round(rule.budget),
            'spent': row.spent if row else 0.0,
        })
        fitting = len(candidates[:budget._fitting(each)])
        self.write({
            'period': row.period or name, 'is_unlimited': rule.is_unlimited, 'customer_count': len(candidates), 'fitting_count': fitting,
            'beyond_count': len(candidates) - fitting, 'cost': company.currency_id.round(fitting * each), 'left': budget.left,
            'line_ids': [
                Command.create({'profile_id': profile.id, 'partner_id': profile.partner_id.id, 'turnover': profile.revenue_12m or 0.0,
                                'position': position, 'is_fitting': position <= fitting})
                for position, profile in enumerate(candidates, 1)
            ],
        })

    def action_open_lines(self):
        """Open the list of customers the rule fits."""
        self.ensure_one()
        return open_list(self, 'reward_preview_line_action', [('preview_id', '=', self.id)])


class FulfilmentRewardPreviewLine(models.TransientModel):
    _name = 'fulfilment.reward.preview.line'
    _description = 'Customer a reward rule fits'
    _order = 'position'

    preview_id = fields.Many2one('fulfilment.reward.preview', required=True, index=True, ondelete='cascade')
    profile_id = fields.Many2one('fulfilment.profile', readonly=True, ondelete='cascade')
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True, ondelete='cascade')
    currency_id = fields.Many2one(related='preview_id.currency_id')
    turnover = fields.Monetary(readonly=True)
    position = fields.Integer(string="Rank", readonly=True, aggregator=None)
    is_fitting = fields.Boolean(string="Within the budget", readonly=True)


class FulfilmentRewardRule(models.Model):
    _inherit = 'fulfilment.reward.rule'

    def action_preview(self):
        """Show whom the rule would reward in this period in the company, and at what cost, without rewarding anybody.

        :return: action that opens the preview
        """
        self.ensure_one()
        self.check_access('write')
        company = (self.company_id or self.env.company).root_id
        preview = self.env['fulfilment.reward.preview'].create({'rule_id': self.id, 'company_id': company.id})
        # safe: the effect on all customers is what is asked for; the right to change rules was checked above
        preview.sudo()._fill(company._fulfilment_today(reading=True)[company])
        return {
            'type': 'ir.actions.act_window', 'res_model': preview._name, 'res_id': preview.id, 'view_mode': 'form',
            'name': self.env._("Preview"), 'target': 'new',
        }
