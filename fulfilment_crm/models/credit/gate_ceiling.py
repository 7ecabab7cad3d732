from odoo import fields, models

from ..base.told import _lt, told


class FulfilmentContract(models.Model):
    """What is ordered under a framework contract is held against its ceiling, whoever orders, in whichever company."""
    _inherit = 'fulfilment.contract'

    ceiling_rule = fields.Selection(
        [('warn', "Warn"), ('hold', "Hold the order")], string="Past the ceiling", default='warn', required=True, tracking=True,
        help="What happens to an order by which more is ordered than the ceiling.",
    )

    def _ceilings(self):
        """The framework contracts with a ceiling that each of these stands under, itself included: ``{contract: contracts}``."""
        ceilings = {}
        for contract in self:
            above, found = contract, self.browse()
            while above:
                found |= above if above.is_framework and above.amount_total else above.browse()
                above = above.parent_id
            ceilings[contract] = found
        return ceilings

    def _ordered_besides(self, orders):
        """What is ordered under this contract without some orders, untaxed, in its currency."""
        self.ensure_one()
        family = self._families()[self]
        day = self.date_signed or self.date_start
        return sum(
            currency._convert(amount, self.currency_id, company, day) for currency, company, amount in
            self.env['sale.order']._read_group(
                [('fulfilment_contract_id', 'in', family.ids), ('state', '=', 'sale'), ('id', 'not in', orders.ids)],
                ['currency_id', 'company_id'], ['amount_untaxed:sum'],
            )
        )


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    def _fulfilment_ceilings(self):
        """The framework contracts whose ceiling the order uses, as superuser."""
        self.ensure_one()
        # safe: a ceiling counts for whoever orders; what is told of it is said in the decision
        contract = self.sudo().fulfilment_contract_id
        return contract._ceilings()[contract] if contract else contract

    def _fulfilment_is_gated(self):
        return super()._fulfilment_is_gated() or bool(self._fulfilment_ceilings())

    def _fulfilment_may_become_gated(self, vals):
        # safe: asks whether there is a ceiling
        contract = self.env['fulfilment.contract'].sudo().browse(vals.get('fulfilment_contract_id') or [])
        return super()._fulfilment_may_become_gated(vals) or bool(contract and contract._ceilings()[contract])

    def _fulfilment_size(self):
        # More without taxes is more of a ceiling, though taxes make up for it.
        amount, *others = super()._fulfilment_size()
        ceilings = self._fulfilment_ceilings()
        return (amount + (self.amount_untaxed if ceilings else 0.0), *others, ceilings)

    def _fulfilment_in_currency_of(self, contract):
        """The amount of the order without taxes, in the currency of a contract."""
        self.ensure_one()
        day = contract.date_signed or contract.date_start
        return self.currency_id._convert(self.amount_untaxed, contract.currency_id, self.company_id, day)


class FulfilmentCreditRule(models.Model):
    _inherit = 'fulfilment.credit.rule'

    def _broken_rules(self, company, case):
        broken = super()._broken_rules(company, case) if case.by_rules else []
        for contract in case.order._fulfilment_ceilings():
            ordered = contract._ordered_besides(case.order) + case.taken.get(contract, 0.0)
            ordered += case.order._fulfilment_in_currency_of(contract)
            if contract.currency_id.compare_amounts(ordered, contract.amount_total) <= 0:
                continue
            text = told(self.env, _lt(
                "%(ordered)s would be ordered under %(contract)s, whose ceiling is %(ceiling)s.", contract=contract.name,
                ordered=contract.currency_id.format(ordered), ceiling=contract.currency_id.format(contract.amount_total),
            ))
            broken.append({
                'rule': f'ceiling: {contract.id}', 'name': contract.name, 'kind': 'ceiling', 'outcome': contract.ceiling_rule, 'text': text,
                'told': text.kept, 'value': ordered, 'threshold': contract.amount_total,
                'group': self.env.ref('fulfilment_crm.group_manager').id,
            })
        return broken
