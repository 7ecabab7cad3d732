from odoo import api, fields, models

from ...tools.reward import fitting


class FulfilmentRewardBudget(models.Model):
    """What the rewards of a rule cost a company in a period. Of two workers who grant at one instant the second waits here."""
    _name = 'fulfilment.reward.budget'
    _description = 'Budget of rewards'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'period_start desc, rule_id, company_id'
    _rec_name = 'period'

    rule_id = fields.Many2one('fulfilment.reward.rule', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade')
    currency_id = fields.Many2one(related='company_id.currency_id')
    period_start = fields.Date(string="From", required=True, readonly=True)
    period_end = fields.Date(string="To", required=True, readonly=True)
    period = fields.Char(required=True, readonly=True)
    is_unlimited = fields.Boolean(string="Without limit", readonly=True)
    amount = fields.Monetary(string="Budget", readonly=True, help="As the rule said when something was granted last.")
    spent = fields.Monetary(readonly=True, help="Also what waits for approval. What is refused or taken back is taken off.")
    left = fields.Monetary(string="Left of the budget", compute='_compute_left')
    waiting_count = fields.Integer(
        string="Beyond the budget", readonly=True, aggregator='sum', help="Customers whom the rule fits and the budget does not.",
    )
    sequence = fields.Integer(string="Turns", readonly=True, default=0, aggregator=None, help="Counted up first by whoever grants.")

    _period_unique = models.UniqueIndex('(rule_id, company_id, period_start)', "This period has its budget already.")
    _spent_check = models.Constraint('CHECK(spent >= 0)', "Less than nothing cannot be spent.")

    @api.depends('amount', 'spent', 'is_unlimited')
    def _compute_left(self):
        for row in self:
            row.left = 0.0 if row.is_unlimited else max(row.amount - row.spent, 0.0)

    @api.model
    def _running(self, rules, company, day):
        """Find the budgets the rewards of a day come out of, at most one a rule; none where nothing was granted yet.

        Where the period of a rule was changed, the one that runs goes on to its end.
        """
        rows = self.search([
            ('rule_id', 'in', rules.ids), ('company_id', '=', company.id), ('period_start', '<=', day), ('period_end', '>=', day),
        ], order='period_start, id')
        return self.concat(*(group[-1:] for group in rows.grouped('rule_id').values()))

    @api.model
    def _of(self, rule, company, day):
        """Return the budget of the period a day lies in, made when missing, with the terms of the rule as they are."""
        first, last, name = rule._period_of(day)
        row = self._running(rule, company, day)
        if not row and (row := self.search([('rule_id', '=', rule.id), ('company_id', '=', company.id), ('period_start', '=', first)])):
            # A shorter period that began on the same day is over: it becomes part of the longer one.
            row.write({'period_end': last, 'period': name})
        terms = {'is_unlimited': rule.is_unlimited, 'amount': 0.0 if rule.is_unlimited else company.currency_id.round(rule.budget)}
        if not row:
            return self.create({
                'rule_id': rule.id, 'company_id': company.id, 'period_start': first, 'period_end': last, 'period': name, **terms,
            })
        changed = {name: value for name, value in terms.items() if row[name] != value}
        if changed:
            row.write(changed)
        return row

    def _lock(self):
        """Lock, by counting up in the database: whoever grants at the same instant waits, and starts again with this grant in view."""
        for row in self.sorted('id'):
            row.sequence += 1
        self.flush_recordset(['sequence'])

    def _fitting(self, cost):
        """How many rewards of this cost are left; None for any number."""
        self.ensure_one()
        return None if self.is_unlimited else fitting(self.amount, self.spent, cost, self.currency_id.rounding)

    def _spend(self, amount):
        """Note what is granted, or with a minus what is free again."""
        self.ensure_one()
        self.spent = self.currency_id.round(max(self.spent + amount, 0.0))
