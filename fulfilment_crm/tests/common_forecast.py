"""A customer who pays a week late, and the nightly round of forecasts."""
from datetime import date, timedelta

from odoo import SUPERUSER_ID, api

from ..models.forecast.forecaster import Forecaster
from .common_profile import ProfileCommon

DAY = date(2026, 3, 4)  # a Wednesday


def back(days):
    return DAY - timedelta(days=days)


class ForecastCommon(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Forecast = cls.env['fulfilment.payment.forecast']
        # The due days lie on Tuesdays to Thursdays, so that days off do not matter.
        for number in range(1, 9):
            due = back(21 * number + number % 3 - 1)
            cls._invoice(cls.customer, 100, due, paid_on=due + timedelta(days=7))
        cls.open = cls._invoice(cls.customer, 1000, DAY - timedelta(days=1), day=back(40))

    def settle(self):
        self.env.flush_all()
        self.env.invalidate_all()

    def _run(self, day=DAY, company=None):
        company = company or self.company
        self.settle()
        self.Profile._refresh(companies=company.root_id, as_of=day)
        others = self.env['res.company'].search([('fulfilment_forecast', '=', True)]) - company.root_id
        others.fulfilment_forecast = False
        company.root_id.fulfilment_forecast = True
        self._cron(day)

    def _cron(self, day):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})['fulfilment.payment.forecast']._cron_forecast(as_of=day)
        self.settle()

    def _of(self, line):
        return self.Forecast.search([('move_line_id', '=', line.id)])

    def _expected(self, line, day=DAY):
        self.settle()
        forecaster = Forecaster(line.company_id.root_id, day)
        [found] = [one for one in forecaster.of(line.partner_id.commercial_partner_id.ids) if one.line_id == line.id]
        return found
