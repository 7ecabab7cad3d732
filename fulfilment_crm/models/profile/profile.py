from odoo import api, fields, models


class FulfilmentProfile(models.Model):
    """The customer as of now: one row a commercial partner and root company, where there are facts. Written by the engine."""
    _name = 'fulfilment.profile'
    _description = 'Customer profile'
    _inherit = ['fulfilment.profile.mixin', 'fulfilment.guard.mixin']
    _log_access = False  # whole tables are rewritten by machines; who did it says nothing, and costs a check a row
    _order = 'revenue_12m DESC NULLS LAST, partner_id'

    team_id = fields.Many2one(related='user_id.sale_team_id', string="Sales team")
    partner_tag_ids = fields.Many2many(related='partner_id.category_id', string="Tags")
    country_id = fields.Many2one(related='partner_id.country_id')
    industry_id = fields.Many2one(related='partner_id.industry_id')
    kind = fields.Selection(related='partner_id.fulfilment_kind', string="Kind")

    _partner_company_unique = models.UniqueIndex('(partner_id, company_id)', "This customer has a profile with this company already.")

    @api.model
    def _judged(self):
        """Return the names of the columns that other rooms write from the figures; they are kept at month ends as well.

        :return: list of fields that profile and history have alike
        """
        return []

    @api.depends('partner_id', 'company_id')
    def _compute_display_name(self):
        for profile in self:
            profile.display_name = profile.partner_id.display_name or ''
