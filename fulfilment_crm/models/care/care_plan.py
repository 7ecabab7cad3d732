from odoo import api, fields, models

CARE_KINDS = [('visit', "Visit"), ('call', "Call"), ('followup', "Follow-up")]
PERIODS = [('month', "Month"), ('quarter', "Quarter"), ('half', "Half-year"), ('year', "Year")]


class FulfilmentCarePlan(models.Model):
    """What customers of a tier are owed in care."""
    _name = 'fulfilment.care.plan'
    _description = 'Care plan'
    _inherit = ['fulfilment.audit.mixin', 'mail.thread']
    _order = 'tier_id, id'
    _rec_name = 'tier_id'

    tier_id = fields.Many2one(
        'fulfilment.tier', required=True, index=True, ondelete='cascade', domain=[('scale', '=', 'importance')], tracking=True,
    )
    company_id = fields.Many2one(related='tier_id.company_id', store=True, index=True)
    active = fields.Boolean(default=True, tracking=True)
    line_ids = fields.One2many('fulfilment.care.plan.line', 'plan_id', string="Contacts", copy=True)
    summary = fields.Char(compute='_compute_summary')

    _tier_once = models.UniqueIndex('(tier_id) WHERE active', "This tier has a care plan already: change that one.")

    @api.depends('line_ids.kind', 'line_ids.number', 'line_ids.period')
    @api.depends_context('lang')
    def _compute_summary(self):
        for plan in self:
            plan.summary = ', '.join(plan.line_ids.mapped('display_name'))


class FulfilmentCarePlanLine(models.Model):
    _name = 'fulfilment.care.plan.line'
    _description = 'Contacts of a care plan'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'plan_id, id'
    _audit_field = 'plan_id'

    plan_id = fields.Many2one('fulfilment.care.plan', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='plan_id.company_id', store=True, index=True)
    kind = fields.Selection(CARE_KINDS, required=True, default='visit', tracking=True)
    number = fields.Integer(string="Times", required=True, default=1, tracking=True)
    period = fields.Selection(PERIODS, string="In each", required=True, default='quarter', tracking=True)

    _number_check = models.Constraint('CHECK(number BETWEEN 1 AND 31)', "Between 1 and 31 contacts a period.")
    _kind_once = models.UniqueIndex('(plan_id, kind)', "A care plan has one line for each kind of contact.")

    @api.depends('kind', 'number', 'period')
    @api.depends_context('lang')
    def _compute_display_name(self):
        kinds, periods = (dict(self._fields[name]._description_selection(self.env)) for name in ('kind', 'period'))
        for line in self:
            line.display_name = self.env._(
                "%(number)s × %(kind)s each %(period)s", number=line.number, kind=kinds.get(line.kind, '').lower(),
                period=periods.get(line.period, '').lower(),
            )


class FulfilmentTier(models.Model):
    _inherit = 'fulfilment.tier'

    care_plan_ids = fields.One2many('fulfilment.care.plan', 'tier_id', string="Care plans")
    care_summary = fields.Char(string="Care", compute='_compute_care_summary')

    @api.depends('care_plan_ids.summary')
    def _compute_care_summary(self):
        for tier in self:
            tier.care_summary = tier.care_plan_ids[:1].summary

    def action_open_care_plan(self):
        """Open the care plan of the tier, or a new one."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'res_model': 'fulfilment.care.plan', 'view_mode': 'form', 'name': self.env._("Care plan"),
            'res_id': self.care_plan_ids[:1].id, 'context': {'default_tier_id': self.id},
        }
