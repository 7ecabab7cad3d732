from odoo import fields, models


class FulfilmentContract(models.Model):
    """The day a contract came to its end: what follows from it is counted from there."""
    _inherit = 'fulfilment.contract'

    settled_on = fields.Date(
        string="Ended on", readonly=True, copy=False, index='btree_not_null', guarded=True,
        help="When the contract passed to settlement, or was closed. The survey at contract end follows it.",
    )

    def _move_to(self, state, **values):
        moved = super()._move_to(state, **values)
        # safe: the date follows from the move, which was allowed
        contracts = self.sudo()
        if state in ('settlement', 'closed'):
            fresh = contracts.filtered(lambda contract: not contract.settled_on)
            for company, day in fresh.company_id._fulfilment_today().items():
                fresh.filtered(lambda contract, company=company: contract.company_id == company).settled_on = day
        elif state == 'active':
            contracts.filtered('settled_on').settled_on = False
        return moved
