from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools import age_limits, payment_index

# What makes a file complete where the company does not say.
FILE_FIELDS = ('email', 'phone', 'street', 'city', 'country_id', 'vat', 'industry_id', 'fulfilment_kind', 'user_id')
FILE_TYPES = ('char', 'text', 'selection', 'date', 'many2one')


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_window_months = fields.Integer(
        string="Figures of the last (months)", default=12, help="The window of turnover, orders, delays and on-time rates, up to today.",
    )
    fulfilment_index_months = fields.Integer(string="Payment index over (months)", default=24)
    fulfilment_index_payments = fields.Integer(string="Payment index from (payments)", default=3)
    fulfilment_silence_factor = fields.Float(
        string="Silence factor", default=2.0,
        help="A customer is silent beyond mean + this × standard deviation of the days between orders.",
    )
    fulfilment_retention = fields.Float(
        string="Retention a year (%)", default=80.0,
        help="Share of customers kept from one year to the next, for the value of a relationship.",
    )
    fulfilment_discount = fields.Float(string="Discount a year (%)", default=10.0, help="What money is worth less a year later.")
    fulfilment_value_years = fields.Integer(string="Years counted", default=0, help="0: without end.")
    fulfilment_cost_to_win = fields.Monetary(string="Cost to win a customer", currency_field='currency_id')
    fulfilment_cost_to_keep = fields.Monetary(string="Cost to keep a customer", currency_field='currency_id')

    fulfilment_pareto_a = fields.Float(
        string="Class A below (% of turnover)", default=80.0, help="While the customers before make less than this of all turnover.",
    )
    fulfilment_pareto_b = fields.Float(string="Class B below (% of turnover)", default=95.0, help="While they make less than this; else C.")

    fulfilment_age_limits = fields.Char(
        string="Age buckets (days)", default=', '.join(map(str, age_limits.LIMITS)), help="After how many days overdue the next begins.",
    )
    fulfilment_index_points = fields.Char(
        string="Points of the payment index", default=payment_index.written(payment_index.POINTS),
        help="Days after the due date (negative: before it) and the index they are worth; linear between them.",
    )
    fulfilment_file_field_ids = fields.Many2many(
        'ir.model.fields', 'fulfilment_company_file_field_rel', string="Fields of a complete file", groups='base.group_erp_manager',
        domain="[('model', '=', 'res.partner'), ('store', '=', True), ('ttype', 'in', ('char', 'text', 'selection', 'date', 'many2one'))]",
        help="What makes a customer's file complete, beside a contact person. Empty: e-mail, phone, street, city, country, tax ID, "
             "industry, kind and salesperson.",
    )

    _fulfilment_windows_check = models.Constraint(
        'CHECK(fulfilment_window_months BETWEEN 1 AND 120 AND fulfilment_index_months BETWEEN 1 AND 120'
        ' AND fulfilment_index_payments >= 1)',
        "Windows of figures lie between 1 and 120 months, and a payment index rests on at least one payment.",
    )
    _fulfilment_value_check = models.Constraint(
        'CHECK(fulfilment_retention BETWEEN 0 AND 100 AND fulfilment_discount >= 0 AND fulfilment_value_years BETWEEN 0 AND 100'
        ' AND (fulfilment_value_years > 0 OR fulfilment_retention < 100 + fulfilment_discount))',
        "Retention lies between 0 and 100 %, discount is not negative, and without end one of them must make later years worth less.",
    )
    _fulfilment_pareto_check = models.Constraint(
        'CHECK(fulfilment_pareto_a BETWEEN 0 AND fulfilment_pareto_b AND fulfilment_pareto_b <= 100)',
        "Class B ends above class A, and at 100 % at most.",
    )

    @api.constrains('fulfilment_age_limits', 'fulfilment_index_points')
    def _check_fulfilment_scales(self):
        for company in self:
            if not age_limits.parse(company.fulfilment_age_limits):
                raise ValidationError(self.env._(
                    "“%(limits)s” are no age buckets of %(company)s: name three numbers of days, each greater than the one before, such "
                    "as 30, 60, 90.", limits=company.fulfilment_age_limits or '', company=company.name,
                ))
            if not payment_index.parse(company.fulfilment_index_points):
                raise ValidationError(self.env._(
                    "“%(points)s” are no points of the payment index of %(company)s: name days and index of at least two points, in order "
                    "of the days and falling, such as -30: 100, 0: 80, 120: 20.", points=company.fulfilment_index_points or '',
                    company=company.name,
                ))

    @api.constrains('fulfilment_file_field_ids')
    def _check_fulfilment_file_fields(self):
        for company in self:
            for field in company.fulfilment_file_field_ids:
                own = self.env['res.partner']._fields.get(field.name) if field.model == 'res.partner' else None
                if own is None or not own.store or own.company_dependent or own.type not in FILE_TYPES:
                    raise ValidationError(self.env._(
                        "“%(field)s” cannot make a file complete in %(company)s: choose fields of contacts that hold one value for all "
                        "companies.", field=field.field_description, company=company.name,
                    ))

    def _fulfilment_age_limits(self):
        """After how many days the age buckets end: a tuple of three."""
        # safe: limits of figures are no secret
        return age_limits.parse(self.sudo().root_id.fulfilment_age_limits) or age_limits.LIMITS

    def _fulfilment_index_points(self):
        """Return the points of the payment index: a tuple of ``(days, index)``."""
        # safe: as above
        return payment_index.parse(self.sudo().root_id.fulfilment_index_points) or payment_index.POINTS

    def _fulfilment_file_fields(self):
        """Return the names of the fields of contacts that make a file complete."""
        # safe: as above
        return tuple(self.sudo().root_id.fulfilment_file_field_ids.mapped('name')) or FILE_FIELDS


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_pareto_a = fields.Float(related='company_id.fulfilment_pareto_a', readonly=False)
    fulfilment_pareto_b = fields.Float(related='company_id.fulfilment_pareto_b', readonly=False)
    fulfilment_age_limits = fields.Char(related='company_id.fulfilment_age_limits', readonly=False)
    fulfilment_index_points = fields.Char(related='company_id.fulfilment_index_points', readonly=False)
    fulfilment_file_field_ids = fields.Many2many(
        related='company_id.fulfilment_file_field_ids', readonly=False, groups='base.group_erp_manager',
    )
    fulfilment_window_months = fields.Integer(related='company_id.fulfilment_window_months', readonly=False)
    fulfilment_index_months = fields.Integer(related='company_id.fulfilment_index_months', readonly=False)
    fulfilment_index_payments = fields.Integer(related='company_id.fulfilment_index_payments', readonly=False)
    fulfilment_silence_factor = fields.Float(related='company_id.fulfilment_silence_factor', readonly=False)
    fulfilment_retention = fields.Float(related='company_id.fulfilment_retention', readonly=False)
    fulfilment_discount = fields.Float(related='company_id.fulfilment_discount', readonly=False)
    fulfilment_value_years = fields.Integer(related='company_id.fulfilment_value_years', readonly=False)
    fulfilment_cost_to_win = fields.Monetary(
        related='company_id.fulfilment_cost_to_win', readonly=False, currency_field='fulfilment_currency_id',
    )
    fulfilment_cost_to_keep = fields.Monetary(
        related='company_id.fulfilment_cost_to_keep', readonly=False, currency_field='fulfilment_currency_id',
    )
    fulfilment_currency_id = fields.Many2one(related='company_id.currency_id', string="Currency of the company")
