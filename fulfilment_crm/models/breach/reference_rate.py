from odoo import api, fields, models

TABLE_ROLES = ('damages_points', 'damages_factor')

class FulfilmentReferenceRate(models.Model):
    """The yearly rate that clauses refer to, such as the loan prime rate, from the days it changed on."""
    _name = 'fulfilment.reference.rate'
    _description = 'Reference rate'
    _inherit = ['fulfilment.audit.mixin', 'mail.thread', 'fulfilment.shared.mixin', 'fulfilment.guard.mixin']
    _order = 'date_from desc, id desc'
    _rec_name = 'date_from'

    date_from = fields.Date(string="From", required=True, tracking=True)
    percent = fields.Float(string="Percent a year", required=True, digits=(7, 4), tracking=True)
    note = fields.Char(string="What it is", tracking=True, help="Such as: loan prime rate, one year.")
    company_id = fields.Many2one('res.company', index=True, tracking=True, help="Empty: for all companies that have none of their own.")

    _percent_check = models.Constraint('CHECK(percent >= 0 AND percent <= 100)', "A yearly rate lies between 0 and 100 %.")
    _day_unique = models.UniqueIndex('(date_from, COALESCE(company_id, 0))', "There is a rate from this day on already.")

    @api.model
    def _known_rates(self, company):
        """Return the rates of a company, else those for all: ``((day, percent), …)`` in the order of days."""
        # safe: what a signed clause refers to, whoever asks
        rates = self.sudo().with_context(active_test=False).search([('company_id', 'in', [False, *company.parent_ids.ids])])
        own = rates.filtered('company_id') or rates
        return tuple((one.date_from, one.percent) for one in own.sorted('date_from'))

    @api.model_create_multi
    def create(self, vals_list):
        rates = super().create(vals_list)
        rates._reckon_again()
        return rates

    def write(self, vals):
        result = super().write(vals)
        self._reckon_again()
        return result

    def unlink(self):
        contracts = self._contracts()
        result = super().unlink()
        contracts._reckon_damages_again()
        return result

    def _reckon_again(self):
        self._contracts()._reckon_damages_again()

    def _contracts(self):
        """Return the contracts whose clauses refer to the rate."""
        # safe: finds what to work out again
        return self.env['fulfilment.contract'].sudo().search([
            ('damages_until', '!=', False), ('clause_ids.parameter_ids.role', 'in', TABLE_ROLES),
        ])
