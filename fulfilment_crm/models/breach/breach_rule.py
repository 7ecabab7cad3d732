from odoo import api, fields, models
from odoo.fields import Domain

KINDS = [
    ('payment_late', "A payment is late"), ('delivery_late', "A delivery is late"), ('acceptance_refused', "Acceptance was refused"),
    ('other_late', "Another duty is late"),
]
LATE = {'payment_late': 'payment', 'delivery_late': 'delivery', 'other_late': 'other'}


class FulfilmentBreachRule(models.Model):
    """When a case is opened by itself. Each kind has its method ``_broken_by_<key>``."""
    _name = 'fulfilment.breach.rule'
    _description = 'Rule of breaches'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread', 'fulfilment.condition.mixin']

    _condition_model = 'fulfilment.milestone'

    kind = fields.Selection(KINDS, string="What goes wrong", required=True, default='payment_late', tracking=True)
    number = fields.Integer(
        string="From", required=True, default=30, tracking=True, help="Days late, or how often acceptance was refused.",
    )
    domain = fields.Char(string="Of which milestones", default='[]', tracking=True, help="All when empty.")
    cause_id = fields.Many2one('fulfilment.breach.cause', required=True, ondelete='restrict', tracking=True)
    cure_days = fields.Integer(string="Days to put it right", default=10, tracking=True)
    plan_id = fields.Many2one(
        'fulfilment.response.plan', string="Response plan", ondelete='restrict', tracking=True,
        help="Started for the contract with the case.",
    )

    _number_check = models.Constraint(
        'CHECK(number BETWEEN 1 AND 3650 AND cure_days BETWEEN 0 AND 3650)', "From one day or time on; days are ten years at most.",
    )

    def _broken(self, company, day):
        """Return the milestones of a company that the rule finds broken on a day."""
        self.ensure_one()
        of_kind = getattr(self, f'_broken_by_{self.kind}')(company, day)
        return self.env['fulfilment.milestone'].search(of_kind & Domain(self._parsed_domain()))

    def _late(self, company, day):
        limit = fields.Date.subtract(day, days=self.number)
        return Domain([
            ('company_id', '=', company.id), ('state', '=', 'pending'), ('contract_state', 'in', ('active', 'settlement')),
            ('is_covered', '=', False), ('kind', '=', LATE[self.kind]), ('date_planned', '<=', limit),
        ]) & (Domain('anchor', 'not in', ('predecessor', 'invoice')) | Domain('predecessor_id', '=', False)
              | Domain('predecessor_id.state', '!=', 'pending'))

    def _broken_by_payment_late(self, company, day):
        return self._late(company, day)

    def _broken_by_delivery_late(self, company, day):
        return self._late(company, day)

    def _broken_by_other_late(self, company, day):
        return self._late(company, day)

    def _broken_by_acceptance_refused(self, company, day):
        refused = self.env['fulfilment.acceptance']._read_group(
            [('company_id', '=', company.id), ('outcome', '=', 'refused'), ('milestone_id.state', '=', 'pending'),
             ('milestone_id.contract_state', 'in', ('active', 'settlement'))],
            ['milestone_id'], ['__count'], having=[('__count', '>=', self.number)],
        )
        return Domain('id', 'in', [milestone.id for milestone, _count in refused])

    def _key(self, milestone):
        return f'rule {self.id}: milestone {milestone.id}'

    @api.model
    def _party(self, milestone):
        """Return who broke what a milestone asks for: of a refused acceptance it is who delivered."""
        if milestone.kind == 'acceptance' and milestone.predecessor_id:
            return milestone.predecessor_id.obligor
        return milestone.obligor
