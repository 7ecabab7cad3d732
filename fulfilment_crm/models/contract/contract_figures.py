import base64

from odoo import api, fields, models

from ...report.contract.ledger import contract_ledger
from ...tools.sheet import render
from ..base.opening import open_list


class FulfilmentContract(models.Model):
    """What a contract comes to: what is ordered under it, how its milestones stand, what its check has found."""
    _inherit = 'fulfilment.contract'

    order_count = fields.Integer(compute='_compute_order_figures')
    amount_ordered = fields.Monetary(
        compute='_compute_order_figures', string="Ordered",
        help="Confirmed orders under this contract and all contracts below it, of all companies, untaxed, in the contract's currency.",
    )
    ceiling_share = fields.Float(compute='_compute_order_figures', string="Used of the ceiling (%)", aggregator=None, for_colleagues=True)
    milestone_count = fields.Integer(compute='_compute_milestone_figures')
    milestone_late_count = fields.Integer(compute='_compute_milestone_figures', string="Late milestones")
    next_milestone_id = fields.Many2one('fulfilment.milestone', compute='_compute_milestone_figures')
    amount_paid = fields.Monetary(compute='_compute_milestone_figures', help="Paid on the payment milestones.")
    finding_count = fields.Integer(compute='_compute_finding_count', for_colleagues=True)
    blocking_count = fields.Integer(string="Must be mended", compute='_compute_finding_count')

    def _compute_order_figures(self):
        families = self._families()
        members = self.browse().concat(*families.values())
        totals = {}
        # safe: counts and sums only; approvers and inspectors read contracts without having any right to orders
        for contract, currency, company, amount, number in self.env['sale.order'].sudo()._read_group(
            [('fulfilment_contract_id', 'in', members.ids), ('state', '=', 'sale')],
            ['fulfilment_contract_id', 'currency_id', 'company_id'], ['amount_untaxed:sum', '__count'],
        ):
            totals.setdefault(contract, []).append((currency, company, amount, number))
        for contract in self:
            rows = [row for member in families[contract] for row in totals.get(member, [])]
            day = contract.date_signed or contract.date_start or fields.Date.context_today(self)
            contract.order_count = sum(number for _currency, _company, _amount, number in rows)
            contract.amount_ordered = sum(
                currency._convert(amount, contract.currency_id, company, day) for currency, company, amount, _number in rows
            )
            contract.ceiling_share = contract.amount_total and 100 * contract.amount_ordered / contract.amount_total

    def _families(self):
        """Return each contract with those that stand under it, at any depth and in any company: ``{contract: contracts}``."""
        # safe: what is ordered under a contract is counted the same for everybody who may read it; only sums are shown
        below = self.sudo().with_context(active_test=False).search([('id', 'child_of', self._origin.ids)])
        parent = {one.id: one.parent_id.id for one in below}
        families = {contract: self.browse() for contract in self}
        own = {contract._origin.id: contract for contract in self}
        for one in below:
            above = one.id
            while above:
                if above in own:
                    families[own[above]] |= one
                above = parent.get(above)
        return families

    @api.depends('milestone_ids.state', 'milestone_ids.date_planned')
    @api.depends_context('as_of')
    def _compute_milestone_figures(self):
        late = dict(self.env['fulfilment.milestone']._read_group(
            [('contract_id', 'in', self.ids), ('is_late', '=', True)], ['contract_id'], ['__count'],
        ))
        for contract in self:
            pending = contract.milestone_ids.filtered(lambda milestone: milestone.state == 'pending')
            contract.milestone_count = len(contract.milestone_ids)
            contract.milestone_late_count = late.get(contract._origin, 0)
            contract.next_milestone_id = pending.filtered('date_planned').sorted('date_planned')[:1]
            contract.amount_paid = sum(
                milestone.amount_done for milestone in contract.milestone_ids
                if milestone.kind == 'payment' and milestone.obligor == 'customer'
            )

    @api.depends('finding_ids')
    def _compute_finding_count(self):
        for contract in self:
            contract.finding_count = len(contract.finding_ids)
            contract.blocking_count = len(contract.finding_ids.filtered(lambda one: one.severity == '1_block'))

    # === ACTION METHODS === #

    def action_open_orders(self):
        """Open the orders under the contracts and their local contracts."""
        orders = self.env['sale.order'].search([('fulfilment_contract_id', 'in', (self | self.child_ids).ids)])
        return orders._get_records_action(name=self.env._("Orders"))

    def action_open_milestones(self):
        """Open the milestones of the contracts."""
        return open_list(self, 'milestone_action', [('contract_id', 'in', self.ids)], search_default_open=0)

    def action_export_ledger(self):
        """Download the contract ledger of these contracts, of all that the user may see when none is chosen, as an Excel file."""
        contracts = self or self.search([])
        content = render(contract_ledger(contracts))
        export = self.env['fulfilment.export'].create({
            'name': f'contract-ledger-{fields.Date.context_today(self)}.xlsx', 'file': base64.b64encode(content),
        })
        return export._download()
