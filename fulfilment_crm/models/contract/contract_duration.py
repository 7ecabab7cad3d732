from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

FIRST, LAST = date(1900, 1, 1), date(2200, 12, 31)  # what is counted from these days is still a day
LONGEST = 100  # years


def check_day(record, day):
    """Raise ValidationError for a day of a contract or a part of it that nobody can mean.

    :param record: whose day it is, to be named
    :param day: a date, or False
    """
    if day and not FIRST <= day <= LAST:
        raise ValidationError(record.env._("%(name)s: %(day)s cannot be meant. Check the year.", name=record.display_name, day=day))


class FulfilmentContract(models.Model):
    """How long contracts run."""
    _inherit = 'fulfilment.contract'

    is_expiring = fields.Boolean(compute='_compute_is_expiring', search='_search_is_expiring', help="Ends within 90 days.")
    days_to_end = fields.Integer(
        string="Days to the end", compute='_compute_days_to_end', search='_search_days_to_end', help="Negative when it has ended already.",
    )

    @api.depends('date_end', 'state')
    @api.depends_context('as_of')
    def _compute_is_expiring(self):
        today = self.company_id._fulfilment_today(reading=True)
        for contract in self:
            contract.is_expiring = bool(
                contract.state == 'active' and contract.date_end
                and 0 <= (contract.date_end - today[contract.company_id]).days <= 90
            )

    def _search_is_expiring(self, operator, value):
        if operator != 'in':
            return NotImplemented
        domain = Domain.OR(
            Domain('company_id', 'in', companies.ids) & Domain('date_end', '>=', day)
            & Domain('date_end', '<=', fields.Date.add(day, days=90))
            for day, companies in self.env['res.company']._fulfilment_companies_by_day().items()
        ) & Domain('state', '=', 'active')
        return domain if True in value else ~domain

    @api.depends('date_end', 'company_id')
    @api.depends_context('as_of')
    def _compute_days_to_end(self):
        today = self.company_id._fulfilment_today(reading=True)
        for contract in self:
            contract.days_to_end = (contract.date_end - today[contract.company_id]).days if contract.date_end else 0

    def _search_days_to_end(self, operator, value):
        return self.env['res.company']._fulfilment_days_domain('date_end', operator, value)

    @api.constrains('date_start', 'date_end')
    def _check_dates(self):
        for contract in self:
            check_day(contract, contract.date_start)
            check_day(contract, contract.date_end)
            if contract.date_end and contract.date_end > fields.Date.add(contract.date_start, years=LONGEST):
                raise ValidationError(self.env._("%s would run for more than a hundred years. Check its end.", contract.name))
