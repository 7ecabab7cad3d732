from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import NO_ACCESS

from ..base.told import _lt, told
from .gate import Hit


class FulfilmentContract(models.Model):
    """What is ordered under a framework contract is held against its ceiling, whoever orders, in whichever company."""
    _inherit = 'fulfilment.contract'

    ceiling_rule = fields.Selection(
        [('warn', "Warn"), ('hold', "Hold the order")], string="Past the ceiling", default='warn', required=True, tracking=True,
        agreed=True, for_colleagues=True,
        help="What happens to an order by which more is ordered than the ceiling.",
    )
    ceiling_sequence = fields.Integer(groups=NO_ACCESS, copy=False, aggregator=None, help="Counts what was decided on the ceiling.")

    def _is_bounded(self):
        """Count a ceiling that stops no order as none."""
        return super()._is_bounded() and (not self.is_framework or self.ceiling_rule == 'hold')

    def write(self, vals):
        used = self._ceilings_used() if vals.keys() & {'parent_id', 'type_id'} else {}
        result = super().write(vals)
        self.env['sale.order']._fulfilment_check_left(used)
        return result

    def unlink(self):
        used = self._ceilings_used()
        result = super().unlink()
        self.env['sale.order']._fulfilment_check_left(used)
        return result

    def _ceilings_used(self):
        """Return the ceilings that confirmed orders below these contracts use, as superuser: ``{order: contracts}``."""
        if self.env.su:
            return {}
        # safe: asks which ceilings the orders use; the change itself is the user's own
        own = self.sudo()
        family = own.browse().concat(*own._families().values()).ids
        orders = own.env['sale.order'].search([('fulfilment_contract_id', 'in', family), ('state', '=', 'sale')]) if own.ids else ()
        return {order: order._fulfilment_ceilings() for order in orders}

    def _ceilings(self):
        """Return the framework contracts with a ceiling that each of these stands under, itself included: ``{contract: contracts}``."""
        ceilings = {}
        for contract in self:
            above, found = contract, self.browse()
            while above:
                found |= above if above.is_framework and above.amount_total else above.browse()
                above = above.parent_id
            ceilings[contract] = found
        return ceilings

    def _lock_ceilings(self):
        """Lock, by counting up in the database: whoever orders under the same contract at the same instant waits, and starts again."""
        for contract in self.sorted('id').with_context(tracking_disable=True):
            contract.ceiling_sequence += 1
        self.flush_recordset(['ceiling_sequence'])

    @api.constrains('parent_id')
    def _check_ceilings(self):
        """Keep a contract where it is when more has been ordered under it than the one above it has room for."""
        for contract in self.filtered('parent_id'):
            for above in contract._ceilings()[contract] - contract:
                own = contract._ordered_besides(self.env['sale.order'])
                ordered = above._ordered_besides(self.env['sale.order'])
                if own and above.ceiling_rule == 'hold' and above.currency_id.compare_amounts(ordered, above.amount_total) > 0:
                    raise ValidationError(self.env._(
                        "With what is ordered under %(contract)s, %(ordered)s would be ordered under %(above)s, whose ceiling is "
                        "%(ceiling)s. Amend that first.", contract=contract.name, ordered=above.currency_id.format(ordered),
                        above=above.name, ceiling=above.currency_id.format(above.amount_total),
                    ))

    def _ordered_besides(self, orders):
        """Sum up what is ordered under this contract apart from some orders, untaxed, in its currency."""
        self.ensure_one()
        family = self._families()[self]
        day = self.date_signed or self.date_start
        return sum(
            currency._convert(amount, self.currency_id, company, day) for currency, company, amount in
            self.env['sale.order']._read_group(
                [('fulfilment_contract_id', 'in', family.ids), ('state', '=', 'sale'), ('id', 'not in', orders.ids),
                 ('amount_untaxed', '>', 0)],  # a negative order makes no room for others
                ['currency_id', 'company_id'], ['amount_untaxed:sum'],
            )
        )


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    def write(self, vals):
        # safe: asks which ceilings the orders use; the change itself is the user's own
        used = {order: order._fulfilment_ceilings() for order in self.sudo() if order._fulfilment_is_under_way()} \
            if not self.env.su and 'fulfilment_contract_id' in vals else {}
        result = super().write(vals)
        self._fulfilment_check_left(used)
        return result

    @api.model
    def _fulfilment_check_left(self, used):
        """Let only a team leader or manager take confirmed orders out from under a ceiling that holds orders.

        :param dict used: ``{order: the ceilings it used}``, as superuser
        """
        for order, ceilings in used.items():
            left = (ceilings.exists() - order._fulfilment_ceilings()).filtered(lambda one: one.ceiling_rule == 'hold')
            if left and not any(self.env.user.has_group(f'fulfilment_crm.group_{role}') for role in ('leader', 'manager')):
                raise AccessError(self.env._(
                    "%(order)s uses the ceiling of %(contract)s: a team leader takes it out of the contract.", order=order.name,
                    contract=left[0].name,
                ))

    def _fulfilment_is_under_way(self):
        """Tell whether the order is confirmed, or was: something of it is delivered or on an invoice."""
        self.ensure_one()
        return self.state == 'sale' or any(line.qty_delivered or line.invoice_lines for line in self.order_line)

    def _fulfilment_ceilings(self):
        """Return the framework contracts whose ceiling the order uses, as superuser."""
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

    def _fulfilment_cases(self, company, deciding=True, taken=None):
        if deciding:
            self.env['fulfilment.contract'].concat(*(order._fulfilment_ceilings() for order in self))._lock_ceilings()
        return super()._fulfilment_cases(company, deciding=deciding, taken=taken)

    def _fulfilment_draws(self):
        return {contract: self._fulfilment_in_currency_of(contract) for contract in self._fulfilment_ceilings()}

    def _fulfilment_size(self):
        # More without taxes is more of a ceiling, though taxes make up for it.
        size = super()._fulfilment_size()
        ceilings = self._fulfilment_ceilings()
        return replace(size, amounts=(*size.amounts, self._fulfilment_untaxed() if ceilings else 0.0), whose=(*size.whose, ceilings))

    @api.model
    def _fulfilment_has_limits(self, companies):
        # safe: asks whether there is a ceiling
        return super()._fulfilment_has_limits(companies) or bool(self.env['fulfilment.contract'].sudo().search_count(
            [('is_framework', '=', True), ('amount_total', '>', 0)], limit=1,
        ))

    def _fulfilment_untaxed(self):
        """Return the amount without taxes, at least what lines say: totals are stored, and more than one road leads to stored values."""
        self.ensure_one()
        lines = self.order_line.filtered(lambda line: not line.display_type)
        return max(self.amount_untaxed, sum(
            line.tax_ids.compute_all(
                line.price_unit * (1 - line.discount / 100), currency=self.currency_id, quantity=line.product_uom_qty,
                product=line.product_id, partner=self.partner_shipping_id,
            )['total_excluded'] for line in lines
        ))

    def _fulfilment_in_currency_of(self, contract):
        """Return the amount of the order without taxes, in the currency of a contract; a negative order makes no room for others."""
        self.ensure_one()
        day = contract.date_signed or contract.date_start
        return max(self.currency_id._convert(self._fulfilment_untaxed(), contract.currency_id, self.company_id, day), 0.0)


class FulfilmentCreditRule(models.Model):
    _inherit = 'fulfilment.credit.rule'

    def _broken_rules(self, company, case):
        broken = super()._broken_rules(company, case)
        for contract, amount in case.draws.items():
            ordered = contract._ordered_besides(case.order) + case.taken.get(contract, 0.0) + amount
            if contract.currency_id.compare_amounts(ordered, contract.amount_total) <= 0:
                continue
            text = told(self.env, _lt(
                "%(ordered)s would be ordered under %(contract)s, whose ceiling is %(ceiling)s.", contract=contract.name,
                ordered=contract.currency_id.format(ordered), ceiling=contract.currency_id.format(contract.amount_total),
            ))
            broken.append(Hit(
                rule=f'ceiling: {contract.id}', name=contract.name, kind='ceiling', outcome=contract.ceiling_rule, text=str(text),
                told=text.kept, value=ordered, threshold=contract.amount_total, group=self.env.ref('fulfilment_crm.group_manager').id,
                whose=('fulfilment.contract', contract.id),
            ))
        return broken
