
from odoo import models
from odoo.tools import float_compare

from ..base.told import _lt, told


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    def _sync_deliveries(self):
        """Let delivery milestones follow the delivered quantity of their order lines, weighted by price.

        A line reduced to zero owes nothing. The day is that on which the last quantity was recorded.

        :return: ``{effect: count}``
        """
        milestones = self.milestone_ids.filtered(lambda one: one._follows_quantities())
        finished, undone, shares = {}, self.env['fulfilment.milestone'], {}
        for milestone in milestones:
            lines = milestone.sale_line_ids.filtered(lambda line: line.product_uom_qty > 0 and line.state == 'sale')
            complete = bool(lines) and all(
                float_compare(line.qty_delivered, line.product_uom_qty, precision_rounding=line.product_uom_id.rounding or 0.01) >= 0
                for line in lines
            )
            shares[milestone] = lines._fulfilment_delivered_share()
            if milestone.contract_state not in ('active', 'settlement'):
                continue
            if complete and milestone.state == 'pending':
                finished[milestone] = lines._fulfilment_delivery_date()
            elif not complete and milestone.state == 'done':
                undone |= milestone
        self.env['fulfilment.milestone'].concat(*finished)._complete(finished)
        undone._reopen(told(self.env, _lt("The delivered quantity was reduced")))
        behind = milestones.filtered(lambda one: one.state == 'pending' and round(one.progress, 2) != round(shares[one], 2))
        performed = behind.filtered(lambda one: one.contract_state in ('active', 'settlement'))
        if performed:
            days = {one: (one.sale_line_ids._fulfilment_delivery_date() or False) for one in performed}
            performed._log_event(
                'progress', '', dict.fromkeys(performed, (False, False)), days,
                shares={one: (one.progress, shares[one]) for one in performed},
            )
        for share, group in behind.grouped(shares.get).items():
            group.progress = share
        return {'milestones done': len(finished), 'milestones reopened': len(undone)}


class FulfilmentMilestone(models.Model):
    _inherit = 'fulfilment.milestone'

    def _follows_quantities(self):
        """Tell whether the delivered quantities of order lines decide about this milestone."""
        self.ensure_one()
        return self.kind == 'delivery' and self.follows_orders and self.sale_line_ids and self.state in ('pending', 'done')
