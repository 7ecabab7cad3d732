from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.told import ToldChar, _lt, told


class FulfilmentTierChange(models.Model):
    """From one tier to another: proposed and decided, or made by the rules. The history of a customer's tiers."""
    _name = 'fulfilment.tier.change'
    _description = 'Change of tier'
    _inherit = ['fulfilment.customer.mixin', 'fulfilment.guard.mixin', 'fulfilment.once.mixin']
    _order = 'date desc, id desc'
    _rec_name = 'partner_id'

    user_id = fields.Many2one(related='profile_id.user_id', string="Responsible")
    scale = fields.Selection([('importance', "Importance"), ('value', "Value")], required=True, readonly=True, guarded=True)
    tier_before_id = fields.Many2one('fulfilment.tier', string="Tier before", readonly=True, ondelete='restrict', guarded=True)
    tier_id = fields.Many2one(
        'fulfilment.tier', string="New tier", readonly=True, ondelete='restrict', index='btree_not_null', guarded=True,
    )
    direction = fields.Selection(
        [('first', "First"), ('up', "Promoted"), ('down', "Demoted"), ('none', "No tier")], required=True, readonly=True, guarded=True,
    )
    date = fields.Date(required=True, readonly=True, guarded=True)
    turnover = fields.Monetary(string="Turnover then", readonly=True, guarded=True)
    state = fields.Selection(
        [('proposed', "Proposed"), ('applied', "Made"), ('refused', "Declined")], required=True, readonly=True, default='proposed',
        index=True, guarded=True,
    )
    decided_by_id = fields.Many2one('res.users', readonly=True, ondelete='set null', guarded=True)
    reason = ToldChar(readonly=True, guarded=True)

    def action_accept(self):
        """Make proposed changes."""
        self._decide_on_proposal()
        # safe: the state is guarded; who may decide was checked
        changes = self.sudo()
        changes.write({'state': 'applied', 'decided_by_id': self.env.uid})
        changes._apply()
        return True

    def action_refuse(self, reason=None):
        """Refuse proposed changes; the rules propose again when the customer's figures give another tier.

        :param str reason: why; asked for in a dialog when missing
        """
        self._decide_on_proposal()
        if not (reason or '').strip():
            return self._ask_reason('action_refuse', self.env._("Decline"))
        # safe: as in action_accept
        self.sudo().write({'state': 'refused', 'decided_by_id': self.env.uid, 'reason': reason.strip()})
        return True

    def _decide_on_proposal(self):
        self.check_access('write')
        for change in self:
            if change.state != 'proposed':
                raise UserError(self.env._("The change of %s is decided already.", change.partner_id.display_name))

    def _apply(self):
        """Write the tiers into the profiles."""
        for (scale, tier), changes in self.grouped(lambda one: (one.scale, one.tier_id)).items():
            changes.profile_id.write({'tier_id' if scale == 'importance' else 'value_tier_id': tier.id})

    def _withdraw(self):
        """Take proposals back that the figures do not bear out any more; nobody decided, so they may come again.

        :return: how many
        """
        self.write({'state': 'refused', 'reason': told(self.env, _lt("The figures have changed"))})
        return len(self)

    @api.model
    def _propose(self, profiles, tier, scale, day, automatic):
        """Note that profiles belong to another tier now, and move them there when the company lets the rules decide.

        :return: how many changes
        """
        field = 'tier_id' if scale == 'importance' else 'value_tier_id'
        vals_list = []
        for profile in profiles:
            before = profile[field]
            vals_list.append({
                'claim_key': f'tier:{scale}:{day}:{profile.id}:{before.id or 0}:{tier.id or 0}', 'partner_id': profile.partner_id.id,
                'company_id': profile.company_id.id, 'profile_id': profile.id, 'scale': scale, 'tier_before_id': before.id,
                'tier_id': tier.id,
                'direction': _direction(before, tier), 'date': day, 'turnover': profile.revenue_12m or 0.0,
                # A first tier takes nothing from anybody.
                'state': 'applied' if automatic or not before else 'proposed',
            })
        changes = self._claim(vals_list)
        changes.filtered(lambda one: one.state == 'applied')._apply()
        return len(changes)


class FulfilmentProfileJudgedMixin(models.AbstractModel):
    _inherit = 'fulfilment.profile.judged.mixin'

    tier_id = fields.Many2one('fulfilment.tier', readonly=True, ondelete='set null')
    value_tier_id = fields.Many2one('fulfilment.tier', string="Value tier", readonly=True, ondelete='set null')


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    tier_id = fields.Many2one(index='btree_not_null', group_expand='_read_group_tiers')
    value_tier_id = fields.Many2one(index='btree_not_null')
    is_long_term = fields.Boolean(
        string="Long-term relation", compute='_compute_is_long_term', search='_search_is_long_term',
        help="A relation of as many years as the settings say, or more.",
    )
    tier_change_ids = fields.One2many('fulfilment.tier.change', 'profile_id', string="Changes of tier")

    def _records_behind(self):
        own = [('partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id)]
        return {**super()._records_behind(), 'tiers': (self.env._("Changes of tier"), 'fulfilment.tier.change', own)}

    @api.model
    def _judged(self):
        return [*super()._judged(), 'tier_id', 'value_tier_id']

    @api.model
    def _read_group_tiers(self, tiers, domain):
        return tiers.search([('scale', '=', 'importance')])

    @api.depends('relation_years', 'company_id.fulfilment_long_term_years')
    def _compute_is_long_term(self):
        for profile in self:
            profile.is_long_term = (profile.relation_years or 0) >= profile.company_id.fulfilment_long_term_years

    def _search_is_long_term(self, operator, value):
        if operator != 'in':
            return NotImplemented
        # safe: reads a setting of each company
        companies = self.env['res.company'].sudo().search([])
        domain = fields.Domain.OR(
            fields.Domain('company_id', 'in', some.ids) & fields.Domain('relation_years', '>=', years)
            for years, some in companies.grouped('fulfilment_long_term_years').items()
        )
        return domain if True in value else ~domain


class FulfilmentCreditAssessment(models.Model):
    _inherit = 'fulfilment.credit.assessment'

    @api.model
    def _round_tiers(self, run, company, day):
        result = super()._round_tiers(run, company, day)
        changes = self.env['fulfilment.tier.change']
        for scale in ('importance', 'value'):
            run._slices(
                self.env['fulfilment.tier']._outdated(company, scale), lambda some: {'proposals withdrawn': some._withdraw()}, size=1000,
            )
            for tier, profiles in self.env['fulfilment.tier']._misplaced(company, scale, day).items():
                def work(some, tier=tier, scale=scale):
                    automatic = company.fulfilment_tier_automatic
                    return {'changes of tier': changes._propose(some, tier, scale, day, automatic)}
                run._slices(profiles, work, size=1000)
        return result


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(), 'changes of tier': self.env._("Changes of tier"),
            'proposals withdrawn': self.env._("Proposals of tiers withdrawn"),
        }


def _direction(before, after):
    if not before:
        return 'first'
    if not after:
        return 'none'
    return 'up' if (after.sequence, after.id) < (before.sequence, before.id) else 'down'
