from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

SCALES = [('importance', "Importance"), ('value', "Value")]


class FulfilmentTier(models.Model):
    """A class of customers by rule: the first in order whose condition fits. What customers of a tier are owed in care stands here."""
    _name = 'fulfilment.tier'
    _description = 'Customer tier'
    _inherit = ['mail.thread']
    _order = 'scale, sequence, id'

    name = fields.Char(required=True, translate=True, tracking=True)
    scale = fields.Selection(
        SCALES, default='importance', required=True, help="Each customer has one tier of each: importance for care, value as a second view.",
    )
    sequence = fields.Integer(default=10, tracking=True, help="From highest to lowest.")
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one('res.company', index=True, ondelete='cascade', help="Empty: for all companies.", tracking=True)
    domain = fields.Char(string="Condition", default='[]', required=True, tracking=True, help="By the figures of the profile.")
    color = fields.Integer()
    visits_per_year = fields.Float(string="Visits a year", digits=(16, 1), tracking=True, help="4: one a quarter.")
    calls_per_year = fields.Float(string="Calls a year", digits=(16, 1), tracking=True, help="12: one a month.")
    followups_per_year = fields.Float(string="Follow-ups a year", digits=(16, 1), tracking=True)
    review_rhythm = fields.Selection(
        [('month', "Monthly"), ('quarter', "Quarterly"), ('half', "Half-yearly"), ('year', "Yearly")], string="Contract reviews", default='quarter',
        tracking=True,
    )
    profile_count = fields.Integer(compute='_compute_profile_count', string="Customers")

    _rhythm_check = models.Constraint(
        'CHECK(visits_per_year >= 0 AND calls_per_year >= 0 AND followups_per_year >= 0)', "Care is not negative.",
    )

    @api.depends_context('uid')
    def _compute_profile_count(self):
        counts = {}
        for field in ('tier_id', 'value_tier_id'):
            counts.update(self.env['fulfilment.profile']._read_group([(field, 'in', self.ids)], [field], ['__count']))
        for tier in self:
            tier.profile_count = counts.get(tier, 0)

    @api.constrains('domain')
    def _check_domain(self):
        for tier in self:
            try:
                # safe: builds the query to see whether the domain is valid, and reads nothing
                self.env['fulfilment.profile'].sudo()._search(tier._parsed_domain())
            except Exception as error:  # any fault of a typed domain is told to who typed it
                raise ValidationError(self.env._(
                    "The condition of tier “%(tier)s” cannot be used: %(error)s", tier=tier.name, error=error,
                )) from error

    def _parsed_domain(self):
        self.ensure_one()
        return Domain(safe_eval(self.domain or '[]'))

    def action_open_profiles(self):
        """Open the customers of the tier."""
        self.ensure_one()
        field = 'tier_id' if self.scale == 'importance' else 'value_tier_id'
        return {**self.env['ir.actions.actions']._for_xml_id('fulfilment_crm.profile_action'), 'domain': [(field, '=', self.id)]}

    @api.model
    def _misplaced(self, company, scale, day):
        """The profiles whose tier is not the one the rules give: ``{tier (empty for none): profiles}``. Open proposals to it count as given."""
        tiers = self.search([('scale', '=', scale), ('company_id', 'in', [False, company.id])])
        field = 'tier_id' if scale == 'importance' else 'value_tier_id'
        profiles = self.env['fulfilment.profile'].with_context(as_of=day)
        left, found = Domain('company_id', '=', company.id), {}
        for tier in [*tiers, self.browse()]:
            fits = tier._parsed_domain() if tier else Domain.TRUE
            # What is proposed waits; what was refused is not proposed again every night.
            mine = left & fits & Domain(field, '!=', tier.id) & Domain('tier_change_ids', 'not any', Domain([
                ('tier_id', '=', tier.id), ('scale', '=', scale),
            ]) & (Domain('state', '=', 'proposed') | Domain('state', '=', 'refused') & Domain('date', '>', fields.Date.subtract(day, days=90))))
            found[tier] = profiles.search(mine, order='id')
            left &= ~fits
        return found
