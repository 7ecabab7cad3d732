from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import formatLang

from ...tools.profile_domain import parse
from ..base.binding import binding
from ..base.opening import open_list

SIGNS = {'>=': '≥', '<=': '≤', '=': '=', '!=': '≠'}
SCALES = [('importance', "Importance"), ('value', "Value")]


class FulfilmentTier(models.Model):
    """A class of customers by rule: the first in order whose condition fits."""
    _name = 'fulfilment.tier'
    _description = 'Customer tier'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread', 'fulfilment.condition.mixin']
    _order = 'scale, sequence, id'
    _condition_model = 'fulfilment.profile'

    scale = fields.Selection(
        SCALES, default='importance', required=True, tracking=True,
        help="Each customer has one tier of each: importance for care, value as a second view.",
    )
    sequence = fields.Integer(default=10, tracking=True, help="From highest to lowest.")
    domain = fields.Char(string="Condition", default='[]', required=True, tracking=True, help="By the figures of the profile.")
    condition_text = fields.Char(string="For customers with", compute='_compute_condition_text')
    color = fields.Integer()
    profile_count = fields.Integer(compute='_compute_profile_count', string="Customers")

    @api.depends('domain')
    @api.depends_context('lang')
    def _compute_condition_text(self):
        """Write the condition as people say it: names of figures, signs and values."""
        profile = self.env['fulfilment.profile']
        for tier in self:
            try:
                conditions = list(tier._parsed_domain().iter_conditions())
            except ValueError:
                tier.condition_text = tier.domain
                continue
            parts = []
            for condition in conditions:
                field = profile._fields[condition.field_expr.partition('.')[0]]
                value = condition.value
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    value = formatLang(self.env, value, digits=0 if float(value).is_integer() else 2)
                parts.append(f'{field._description_string(self.env)} {SIGNS.get(condition.operator, condition.operator)} {value}')
            tier.condition_text = ', '.join(parts) or self.env._("Everybody else")

    @api.depends_context('uid')
    def _compute_profile_count(self):
        counts = {}
        for field in ('tier_id', 'value_tier_id'):
            counts.update(self.env['fulfilment.profile']._read_group([(field, 'in', self.ids)], [field], ['__count']))
        for tier in self:
            tier.profile_count = counts.get(tier, 0)

    def _parsed_domain(self):
        self.ensure_one()
        return parse(self.domain, self.env['fulfilment.profile'])

    def action_open_profiles(self):
        """Open the customers of the tier."""
        self.ensure_one()
        field = 'tier_id' if self.scale == 'importance' else 'value_tier_id'
        return open_list(self, 'profile_action', [(field, '=', self.id)], search_default_in_use=1)

    @api.model
    def _placed(self, company, scale):
        """Whom the rules give each tier: ``[(tier (empty for none), domain on profiles), …]``."""
        tiers = binding(self).search([('scale', '=', scale), ('company_id', 'in', [False, company.id])])
        left, placed = Domain('company_id', '=', company.id), []
        for tier in [*tiers, self.browse()]:
            fits = tier._parsed_domain() if tier else Domain.TRUE
            placed.append((tier, left & fits))
            left &= ~fits
        return placed

    @api.model
    def _misplaced(self, company, scale, day):
        """Find the profiles whose tier is not the one the rules give: ``{tier (empty for none): profiles}``.

        Open proposals to it count as given.
        """
        field = 'tier_id' if scale == 'importance' else 'value_tier_id'
        profiles, found = self.env['fulfilment.profile'], {}
        for tier, given in self._placed(company, scale):
            # What is proposed waits; what somebody refused is not proposed again every night.
            refused = (
                Domain('state', '=', 'refused') & Domain('decided_by_id', '!=', False)
                & Domain('date', '>', fields.Date.subtract(day, days=90))
            )
            found[tier] = profiles.search(given & Domain(field, '!=', tier.id) & Domain(
                'tier_change_ids', 'not any',
                Domain('tier_id', '=', tier.id) & Domain('scale', '=', scale) & (Domain('state', '=', 'proposed') | refused),
            ), order='id')
        return found

    @api.model
    def _outdated(self, company, scale):
        """Open proposals of a tier that the rules do not give any more."""
        changes = self.env['fulfilment.tier.change']
        open_ones = Domain('state', '=', 'proposed') & Domain('scale', '=', scale) & Domain('company_id', '=', company.id)
        return changes.concat(*(
            changes.search(open_ones & Domain('tier_id', '!=', tier.id) & Domain('profile_id', 'any', given))
            for tier, given in self._placed(company, scale)
        ))
