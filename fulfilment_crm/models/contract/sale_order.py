from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..base.guard_mixin import with_defaults, without_unchanged
from ..base.readers import READERS

FEW = 20  # drafts that are looked at one by one


class SaleOrder(models.Model):
    _name = 'sale.order'
    _inherit = ['fulfilment.linked.mixin', 'sale.order']

    fulfilment_contract_id = fields.Many2one(
        'fulfilment.contract', string="Contract", index='btree_not_null', copy=False, check_company=True, tracking=True,
        ondelete='set null', groups='base.group_user',
        domain="[('commercial_partner_id', 'parent_of', partner_id), ('company_id', '=', company_id), "
               "('state', 'not in', ('cancelled', 'closed', 'terminated'))]",
        help="The contract this order fulfils, or the framework contract it is placed under.",
    )

    @api.constrains('fulfilment_contract_id', 'partner_id')
    def _check_fulfilment_contract(self):
        for order in self.filtered('fulfilment_contract_id'):
            if not order._is_for_customer_of(order.fulfilment_contract_id):
                raise ValidationError(self.env._(
                    "%(order)s is for %(customer)s, and the contract is with somebody else. Choose a contract of the same customer.",
                    order=order.name, customer=order.partner_id.display_name,
                ))

    def _fulfilment_counts_invoices(self):
        """Tell whether something is held against what is invoiced of the order."""
        self.ensure_one()
        return bool(self.fulfilment_contract_id)

    def _is_for_customer_of(self, contract):
        """Tell whether the order is for the customer of a contract, or for a company or contact below it."""
        self.ensure_one()
        customer = self.partner_id
        while customer and customer.commercial_partner_id != contract.commercial_partner_id:
            customer = customer.parent_id
        return bool(customer)

    def action_create_fulfilment_contract(self):
        """Draft a contract from each confirmed order: parties, lines, amounts, clauses and milestones.

        :return: action that opens the contracts
        :raise UserError: naming the orders that are not confirmed, or have a contract
        """
        contracts = self._create_fulfilment_contracts()
        if len(contracts) <= FEW:
            contracts._check_wording()  # what there is to mend is on the screen when it opens
        return contracts._get_records_action(name=self.env._("Contract"))

    def action_open_fulfilment_contract(self):
        """Open the contract of the order."""
        return self.fulfilment_contract_id._get_records_action(name=self.env._("Contract"))

    def _create_fulfilment_contracts(self):
        self = self.union()  # a call may name an order twice
        self.check_access('write')
        open_orders = self.filtered(lambda order: order.state != 'sale')
        if open_orders:
            raise UserError(
                self.env._("%(names)s: confirm the order before drafting its contract.", names=', '.join(open_orders.mapped('name')))
            )
        taken = self.filtered('fulfilment_contract_id')
        if taken:
            raise UserError(self.env._(
                "%(order)s belongs to contract %(contract)s already.",
                order=taken[0].name, contract=taken[0].fulfilment_contract_id.display_name,
            ))
        return self.env['fulfilment.contract']._draft_from_orders(self)

    def write(self, vals):
        # safe: notes which contracts to bring in line; the write itself is the user's own
        orders = self.sudo()
        contracts = orders.fulfilment_contract_id if 'fulfilment_contract_id' in vals else self.env['fulfilment.contract']
        result = super().write(vals)
        if 'fulfilment_contract_id' in vals:
            self.filtered(lambda order: order.sudo().fulfilment_contract_id not in contracts)._fulfilment_check_payers()
            (contracts | orders.fulfilment_contract_id)._sync_later()
        return result

    def _fulfilment_check_payers(self):
        """Prevent that what somebody else was invoiced, and has paid, counts for a contract at once.

        :raise AccessError: naming the order and who may
        """
        if self.env.su or self.env['res.partner']._fulfilment_may_hand_over():
            return
        for order in self.filtered('fulfilment_contract_id'):
            # safe: asks who was invoiced
            posted = order.sudo().invoice_ids.filtered(lambda move: move.state == 'posted')
            others = posted.commercial_partner_id - order.sudo().fulfilment_contract_id.commercial_partner_id
            if others:
                raise AccessError(self.env._(
                    "%(order)s is invoiced to %(payer)s already: a team leader puts it under a contract with %(customer)s.",
                    order=order.name, payer=others[0].name, customer=order.sudo().fulfilment_contract_id.commercial_partner_id.name,
                ))


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    fulfilment_milestone_ids = fields.Many2many('fulfilment.milestone', string="Milestones", copy=False, readonly=True, groups=READERS)

    def _compute_qty_delivered(self):
        result = super()._compute_qty_delivered()
        self._fulfilment_noticed()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        _check_milestones(self.browse(), with_defaults(self, vals_list))
        return super().create(vals_list)

    def write(self, vals):
        _check_milestones(self, [vals])
        result = super().write(vals)
        if {'qty_delivered', 'product_uom_qty'} & vals.keys():
            self._fulfilment_noticed()
        return result

    def _fulfilment_noticed(self):
        """Bring the contracts' milestones in line before the transaction ends, as quantities changed."""
        # safe: notes which contracts to bring in line, whoever changed the quantity
        self.sudo().order_id.fulfilment_contract_id._sync_later()

    def _fulfilment_delivered_share(self):
        """Return the share of these lines that is delivered, weighted by price, in percent."""
        weights = [line.price_subtotal or line.product_uom_qty for line in self]
        total = sum(weights)
        done = sum(
            weight * min(max(line.qty_delivered / line.product_uom_qty, 0.0), 1.0) for line, weight in zip(self, weights, strict=True)
        )
        return round(100 * done / total, 2) if total else 0.0

    def _fulfilment_delivery_date(self):
        """Return the day the last of these lines was delivered: of the last transfer where stock is installed, else today."""
        moves = self.move_ids.filtered(lambda move: move.state == 'done') if 'move_ids' in self._fields else []
        if moves:
            company = self.company_id[:1]
            return company._fulfilment_today(max(moves.mapped('date')))[company]
        company = self.company_id[:1]
        return company._fulfilment_today()[company]


def _check_milestones(lines, values):
    """Prevent saying on an order line which milestones follow it: that is said on the milestone, by whoever may change it."""
    name = 'fulfilment_milestone_ids'
    if not lines.env.su and any(name in without_unchanged(lines, vals, (name,)) for vals in values):
        raise AccessError(lines.env._("Which milestones follow an order line is said on the milestone."))
