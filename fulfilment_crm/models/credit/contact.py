from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..base.guard_mixin import MESSAGES
from ..contract.contract import HIDDEN_STATES

# Who gives contacts with orders or open accounts to other customers.
MAY_MOVE = ('fulfilment_crm.group_leader', 'fulfilment_crm.group_credit', 'fulfilment_crm.group_manager', 'base.group_erp_manager')


class ResPartner(models.Model):
    """A contact given to another company takes its confirmed orders along, which must fit into that company's limit, and what it has on
    account, which would make room for others.
    """
    _inherit = 'res.partner'

    def _has_field_access(self, field, operation):
        # Customers would find by searching what colleagues write about them.
        if field.name in MESSAGES and not self.env.su and not self.env.user._is_internal():
            return False
        return super()._has_field_access(field, operation)

    def write(self, vals):
        if self.env.su or not vals.keys() & {'parent_id', 'is_company', 'company_type'}:
            return super().write(vals)
        before, accounts = self._fulfilment_confirmed_orders(), self._fulfilment_open_accounts()
        customers = {partner: partner.commercial_partner_id for partner in self}
        result = super().write(vals)
        # Accounts first: to judge orders makes the new company a known one.
        self._fulfilment_check_moved_accounts(accounts)
        self._fulfilment_hand_on_credit(customers)
        self._fulfilment_check_moved_orders(before)
        return result

    def unlink(self):
        below = self._fulfilment_below()
        if self.env.su or not below:
            return super().unlink()
        before, accounts = below._fulfilment_confirmed_orders(), below._fulfilment_open_accounts()
        result = super().unlink()
        left = below.exists()
        left._fulfilment_check_moved_accounts(accounts)
        left._fulfilment_check_moved_orders(before)
        return result

    def _fulfilment_open_accounts(self):
        """Return on which customer's account the entries of these contacts are, as superuser.

        :return: ``{(contact, company): (customer, whether some are open)}``
        """
        everybody = self.with_context(active_test=False).env
        domain = [('partner_id', 'child_of', self.ids), ('account_type', '=', 'asset_receivable'), ('parent_state', '=', 'posted')]
        # safe: compares whose accounts they are
        entries, unmatched = (
            everybody['account.move.line'].sudo()._read_group([*domain, *more], ['partner_id', 'company_id'])
            for more in ([], [('reconciled', '=', False), ('amount_residual', '!=', 0)])
        )
        on_their_way = everybody['account.payment'].sudo().search([  # safe: as above
            ('partner_id', 'child_of', self.ids), ('state', '=', 'in_process'), ('move_id', '=', False),
        ])
        still_open = {*unmatched, *((payment.partner_id, payment.company_id) for payment in on_their_way)}
        return {
            (partner.with_env(self.env), company): (partner.commercial_partner_id.with_env(self.env), (partner, company) in still_open)
            for partner, company in {*entries, *still_open}
        }

    def _fulfilment_check_moved_accounts(self, before):
        """Prevent that what one customer has paid or owes counts for another one, where it is held against something.

        :param dict before: from ``_fulfilment_open_accounts``
        :raise AccessError: naming the contact and who may
        """
        moved, survivor = {}, self[:1]
        for (partner, company), (customer, is_open) in before.items():
            now = (partner.exists() or survivor).commercial_partner_id
            if now != customer:
                moved[partner, company] = (customer.exists(), now, is_open)
        for (_partner, company), (customer, now, _is_open) in moved.items():
            self.env['fulfilment.contract']._accounts_changed(company, customer | now)
        if self.env.su or any(self.env.user.has_group(group) for group in MAY_MOVE):
            return
        for (partner, company), (customer, now, is_open) in moved.items():
            # safe: asks whether the account is held against anything; what is settled counts for contracts of who it moves to
            agreed = self.env['fulfilment.contract'].sudo().search_count([
                ('commercial_partner_id', 'in', (customer | now if is_open else now).ids), ('state', 'not in', HIDDEN_STATES),
            ], limit=1)
            held = agreed or is_open and company.root_id.fulfilment_credit_gate
            if held and not self._fulfilment_is_new_name_of(now, customer):
                raise AccessError(self.env._(
                    "%(contact)s has entries in the accounts of %(company)s, which would count for another customer: a team leader "
                    "or credit controller moves this contact.", contact=(partner.exists() or survivor).name, company=company.name,
                ))

    def _fulfilment_is_known_beside(self, customer):
        # safe: as in the room of contracts
        lines = self.env['fulfilment.credit.line'].sudo()
        return super()._fulfilment_is_known_beside(customer) or bool(lines.search_count([('partner_id', '=', self.id)], limit=1))

    def _fulfilment_hand_on_credit(self, before):
        """Hand on what binds a customer to a company that is put above it and of which nothing else is known.

        :param dict before: ``{contact: customer}``
        :raise AccessError: naming a customer with terms of its own, and who may put it below another company
        """
        for partner, customer in before.items():
            now = partner.commercial_partner_id
            if partner != customer or now == customer:
                continue
            # safe: asks what binds the customer; it goes along, whoever moves it
            lines = self.env['fulfilment.credit.line'].sudo().search([('partner_id', '=', customer.id)])
            bound = lines.filtered(lambda line: line.hold or line.grade_id or line.limit_source != 'none')
            if bound and not self.env.su and not any(self.env.user.has_group(group) for group in MAY_MOVE):
                raise AccessError(self.env._(
                    "%(contact)s has credit terms of its own: a team leader or credit controller puts it below %(company)s.",
                    contact=partner.name, company=now.name,
                ))
            if self._fulfilment_is_new_name_of(now, customer):
                lines.partner_id = now

    def _fulfilment_confirmed_orders(self):
        """Return the confirmed orders of these contacts with the customer each belongs to, as superuser: ``{order: customer}``."""
        # safe: compares whose orders they are
        orders = self.with_context(active_test=False).env['sale.order'].sudo().search(Domain('state', '=', 'sale') & (
            Domain('partner_invoice_id', 'child_of', self.ids) | Domain('partner_id', 'child_of', self.ids)
        ))
        return {order.with_env(self.sudo().env): order.partner_invoice_id.commercial_partner_id for order in orders}

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
        before, accounts = partners._fulfilment_confirmed_orders(), partners._fulfilment_open_accounts()
        result = super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
        left = partners.exists()
        left._fulfilment_check_moved_accounts(accounts)
        if not self.env.su and not any(self.env.user.has_group(group) for group in MAY_MOVE):
            left._fulfilment_check_moved_orders(before)
        return result
