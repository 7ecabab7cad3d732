from odoo import models
from odoo.fields import Domain


class ResPartner(models.Model):
    """A contact given to another company takes its confirmed orders along: they must fit into that company's limit."""
    _inherit = 'res.partner'

    def write(self, vals):
        if self.env.su or not vals.keys() & {'parent_id', 'is_company', 'company_type'}:
            return super().write(vals)
        # safe: compares whose orders they are; the change itself is the user's own
        before = {partner: partner.commercial_partner_id for partner in self.sudo()}
        result = super().write(vals)
        moved = self.sudo().filtered(lambda one: one.commercial_partner_id != before[one])
        if moved:
            orders = self.env['sale.order'].sudo().search(Domain('state', '=', 'sale') & (
                Domain('partner_invoice_id', 'in', moved.ids) | Domain('partner_id', 'in', moved.ids)
            ))
            orders.filtered(lambda order: order._fulfilment_is_gated())._fulfilment_check_change(moved._fulfilment_moved)
        return result

    def _fulfilment_moved(self, order, reasons, groups):
        return self.env._(
            "%(contact)s cannot become a contact of %(company)s with order %(order)s: %(reasons)s\n%(group)s may change the limit.",
            contact=', '.join(self.mapped('name')), company=', '.join(self.commercial_partner_id.mapped('name')), order=order,
            reasons=reasons, group=groups,
        )
