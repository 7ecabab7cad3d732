from odoo import models
from odoo.fields import Domain


class ResPartner(models.Model):
    """A contact given to another company takes its confirmed orders along: they must fit into that company's limit."""
    _inherit = 'res.partner'

    def write(self, vals):
        if self.env.su or not vals.keys() & {'parent_id', 'is_company', 'company_type'}:
            return super().write(vals)
        before = self._fulfilment_confirmed_orders()
        result = super().write(vals)
        self._fulfilment_check_moved_orders(before)
        return result

    def _fulfilment_confirmed_orders(self):
        """The confirmed orders of these contacts by whose they are, as superuser: ``{order: customer}``."""
        # safe: compares whose orders they are
        orders = self.env['sale.order'].sudo().search(Domain('state', '=', 'sale') & (
            Domain('partner_invoice_id', 'child_of', self.ids) | Domain('partner_id', 'child_of', self.ids)
        ))
        return {order: order.partner_invoice_id.commercial_partner_id for order in orders}

    def _fulfilment_check_moved_orders(self, before):
        """Prevent that orders become those of a customer whose limit they do not fit into.

        :param dict before: from ``_fulfilment_confirmed_orders``
        """
        # safe: compares whose orders they are; the limit binds whoever moves them
        moved = self.env['sale.order'].sudo().concat(*(
            order for order, customer in before.items() if order.partner_invoice_id.commercial_partner_id != customer
        ))
        moved.filtered(lambda order: order._fulfilment_is_gated())._fulfilment_check_change(self._fulfilment_moved)

    def _fulfilment_moved(self, order, reasons, groups):
        return self.env._(
            "%(contact)s cannot become a contact of %(company)s with order %(order)s: %(reasons)s\n%(group)s may change the limit.",
            contact=', '.join(self.mapped('name')), company=', '.join(self.commercial_partner_id.mapped('name')), order=order,
            reasons=reasons, group=groups,
        )


class MergePartnerAutomatic(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env['res.partner'].browse(partner_ids).exists()
        before = partners._fulfilment_confirmed_orders()
        result = super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
        if self.env.su or any(self.env.user.has_group(f'fulfilment_crm.group_{role}') for role in ('leader', 'credit', 'manager')):
            return result
        partners.exists()._fulfilment_check_moved_orders(before)
        return result
