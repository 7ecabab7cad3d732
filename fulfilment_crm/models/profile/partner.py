from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..base.guard_mixin import without_unchanged
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
        if not self.env.su and 'commercial_partner_id' in without_unchanged(self, vals, ('commercial_partner_id',)):
            raise AccessError(self.env._("Whose contact somebody is follows from the company above; it is not entered by hand."))
        if 'user_id' in vals and not self.env.su:
            self._fulfilment_check_responsible(vals['user_id'])
        return super().write(vals)

    def _fulfilment_check_responsible(self, user_id):
        """Prevent that anybody but a leader takes a customer with a file from who looks after it: the file would be the next one's to read.

        :raise AccessError: naming the customer and who may
        """
        user = self.env.user
        if user.has_group('fulfilment_crm.group_leader') or user.has_group('fulfilment_crm.group_manager'):
            return
        # safe: asks whose the customer is
        for partner in self.sudo():
            profiles = (partner | partner.commercial_partner_id).fulfilment_profile_ids
            owners = (profiles.partner_id.user_id or profiles.user_id).filtered('active')
            owner = (owners - user)[:1]
            if owner and user not in owners and owner.id != user_id:
                raise AccessError(self.env._(
                    "%(customer)s is looked after by %(owner)s: a team leader hands customers over.", customer=partner.display_name,
                    owner=owner.name,
                ))

    def _fulfilment_check_merge(self):
        """Prevent that a customer of somebody else is merged by others than leaders: file and contracts would go with it.

        :raise AccessError: naming the customer and who may
        """
        user = self.env.user
        if self.env.su or any(user.has_group(f'fulfilment_crm.group_{role}') for role in ('leader', 'manager')):
            return
        # safe: asks whose the customers are and whether there is anything to go with them
        own = self.sudo()
        for customer in own | own.commercial_partner_id:
            owners = customer.user_id | customer.fulfilment_profile_ids.user_id
            contracts = self.env['fulfilment.contract'].sudo().with_context(active_test=False).search(  # safe: as above
                ['|', ('partner_id', '=', customer.id), ('commercial_partner_id', '=', customer.id),
                 ('state', 'not in', ('draft', 'cancelled'))],
            )
            strange = (owners | contracts.user_id) - user
            if (customer.fulfilment_profile_ids or contracts) and (strange or not owners | contracts.user_id):
                raise AccessError(self.env._(
                    "%(customer)s has a file or contracts that others answer for: a team leader merges this customer.",
                    customer=customer.display_name,
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

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        self.env['res.partner'].browse(partner_ids).exists()._fulfilment_check_merge()
        return super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Give the customer that others are merged into one profile and one history, of the documents of all."""
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
        """Refresh profiles after the last step of a merge: it may even make another customer of a contact."""
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
