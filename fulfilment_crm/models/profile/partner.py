from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..base.readers import READERS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    fulfilment_kind = fields.Selection(
        [
            ('company', "Company"), ('government', "Government"), ('institution', "Public institution"),
            ('developer', "Property developer"),
            ('overseas', "Overseas customer"), ('person', "Private person"),
        ],
        string="Kind of customer", index='btree_not_null',
    )
    fulfilment_needs = fields.Text(string="Needs", help="What the customer wants from us, now and next.", groups=READERS, copy=False)
    fulfilment_profile_ids = fields.One2many('fulfilment.profile', 'partner_id', string="Profiles", groups=READERS)
    fulfilment_profile_id = fields.Many2one(
        'fulfilment.profile', string="Profile", compute='_compute_fulfilment_profile_id', search='_search_fulfilment_profile_id',
        groups=READERS, help="The profile with the company you work in.",
    )

    @api.depends('commercial_partner_id')
    @api.depends_context('company', 'uid')
    def _compute_fulfilment_profile_id(self):
        profiles = self.env['fulfilment.profile'].search([
            ('partner_id', 'in', self.commercial_partner_id.ids), ('company_id', '=', self.env.company.root_id.id),
        ])
        of_partner = {profile.partner_id: profile for profile in profiles}
        for partner in self:
            partner.fulfilment_profile_id = of_partner.get(partner.commercial_partner_id, False)

    def _search_fulfilment_profile_id(self, operator, value):
        if operator not in ('in', 'any', 'any!'):
            return NotImplemented
        mine = Domain('company_id', '=', self.env.company.root_id.id)
        if operator == 'in' and False in value:
            return Domain('commercial_partner_id.fulfilment_profile_ids', 'not any', mine)
        narrowed = Domain('id', 'in', value) if operator == 'in' else Domain(value)
        return Domain('commercial_partner_id.fulfilment_profile_ids', 'any', mine & narrowed)

    def write(self, vals):
        if 'user_id' in vals and not self.env.su:
            self._fulfilment_check_responsible(vals['user_id'])
        return super().write(vals)

    def _fulfilment_check_responsible(self, user_id):
        """Prevent that people with a role of ours give a customer of somebody else to themselves: its file would be theirs to read.

        Those without a role gain nothing by it and assign customers as ever.

        :raise AccessError: naming the customer and who may
        """
        user = self.env.user
        if user_id != user.id or not user.has_group('fulfilment_crm.group_user') or user.has_group('fulfilment_crm.group_leader'):
            return
        # safe: asks whose the customer is
        for partner in self.sudo():
            owner = partner.commercial_partner_id.user_id or partner.user_id
            if owner and owner != user and partner.commercial_partner_id.fulfilment_profile_ids:
                raise AccessError(self.env._(
                    "%(customer)s is looked after by %(owner)s: a team leader hands customers over.", customer=partner.display_name,
                    owner=owner.name,
                ))

    def action_open_fulfilment_profile(self):
        """Open the profile of the customer with the company of the user, with figures as of now."""
        self.ensure_one()
        self.check_access('read')
        self.env['fulfilment.profile']._refresh(self, companies=self.env.company)
        self.invalidate_recordset(['fulfilment_profile_id'])
        profile = self.fulfilment_profile_id
        return {
            **self.env['ir.actions.actions']._for_xml_id('fulfilment_crm.profile_action'),
            **({'views': [(False, 'form')], 'res_id': profile.id} if profile
               else {'domain': [('partner_id', '=', self.commercial_partner_id.id)]}),
        }


class MergePartnerAutomatic(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """The customer that others are merged into gets one profile and one history, of the documents of all."""
        # safe: follows the merge that the user was allowed to do
        profiles = self.env['fulfilment.profile'].sudo()
        months = profiles._clear_for_merge(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        # Oldest first: later ones are compared with them.
        for (company, month_end), today in sorted(months.items(), key=lambda month: month[0][1]):
            profiles.env['fulfilment.profile.history']._picture(company, month_end, today, dst_partner)
        return result

    @api.model
    def _update_values(self, src_partners, dst_partner):
        """The last step of a merge: it may even make another customer of a contact."""
        customer = dst_partner.commercial_partner_id
        result = super()._update_values(src_partners, dst_partner)
        # safe: as above
        self.env['fulfilment.profile'].sudo()._refresh(customer | dst_partner)
        return result


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    @api.model
    def _clear_for_merge(self, src_partners, dst_partner):
        """Of each company leave one profile, with all that refers to the others: two of one customer cannot stand.

        :return: the month ends to picture again: ``{(company, date): the company's date}``
        """
        customer = dst_partner.commercial_partner_id
        merge = self.env['base.partner.merge.automatic.wizard']
        for twins in self.search([('partner_id', 'in', (src_partners | customer).ids)], order='id').grouped('company_id').values():
            kept = twins.filtered(lambda one: one.partner_id == customer) or twins[0]
            if others := twins - kept:
                merge._update_foreign_keys_generic('fulfilment.profile', others, kept)
                others.unlink()
            kept.partner_id = customer
        pictures = self.env['fulfilment.profile.history'].search([('partner_id', 'in', (src_partners | customer).ids)])
        today = pictures.company_id._fulfilment_today()
        months = {(picture.company_id, picture.date): today[picture.company_id] for picture in pictures}
        pictures.unlink()
        return months
