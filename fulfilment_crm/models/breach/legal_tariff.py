from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.tariff import fee
from ..collection.customer_mixin import AMOUNT_LIMIT


class FulfilmentLegalTariff(models.Model):
    """Fees by bands of the amount, such as those of courts or arbitration."""
    _name = 'fulfilment.legal.tariff'
    _description = 'Tariff of fees'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread']

    band_ids = fields.One2many('fulfilment.legal.tariff.band', 'tariff_id', string="Bands", copy=True)
    note = fields.Char(string="Source", tracking=True, help="The law or the rules it is taken from.")

    @api.constrains('band_ids')
    def _check_bands(self):
        for tariff in self:
            limits = tariff.band_ids.sorted('sequence').mapped('limit')
            if any(not limit for limit in limits[:-1]) or limits[:-1] != sorted(set(limits[:-1])) or (
                len(limits) > 1 and limits[-1] and limits[-1] <= limits[-2]
            ):
                raise ValidationError(self.env._("“%s”: the limits of the bands ascend, and only the last has none.", tariff.name))

    def _fee(self, amount):
        """Return the fee of an amount, in its currency."""
        self.ensure_one()
        # safe: a tariff is read by whoever works out a fee
        bands = [
            (Decimal(str(band.limit)) if band.limit else None, Decimal(str(band.percent)), Decimal(str(band.fixed)))
            for band in self.sudo().band_ids.sorted('sequence')
        ]
        return float(fee(Decimal(str(amount)), bands))


class FulfilmentLegalTariffBand(models.Model):
    _name = 'fulfilment.legal.tariff.band'
    _description = 'Band of a tariff'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'sequence, id'
    _rec_name = 'limit'

    tariff_id = fields.Many2one('fulfilment.legal.tariff', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='tariff_id.company_id', store=True, index=True)
    sequence = fields.Integer(default=10, tracking=True)
    limit = fields.Float(string="Upper limit", digits=(16, 2), tracking=True, help="Empty: all that is above the bands before it.")
    percent = fields.Float(string="Percent of what lies in it", digits=(7, 4), tracking=True)
    fixed = fields.Float(string="Fixed fee", digits=(16, 2), tracking=True)

    _audit_field = 'tariff_id'
    _numbers_check = models.Constraint(
        f'CHECK("limit" >= 0 AND "limit" < {AMOUNT_LIMIT:.0f} AND percent BETWEEN 0 AND 100 AND fixed >= 0 AND fixed < {AMOUNT_LIMIT:.0f})',
        "Limits and fees are not negative, and percentages 100 at most.",
    )

    @api.constrains('limit', 'sequence')
    def _check_limit(self):
        self.tariff_id._check_bands()
