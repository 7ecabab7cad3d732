from ..models.forecast.forecaster import Forecaster
from .steps import Steps


class Forecasts(Steps):
    """What the nightly round of forecasts would have left: month ends compared, likely dates, the weeks ahead."""

    def _tell_forecast(self):
        company, day = self.env.company, self._day(0)
        scores = self.env['fulfilment.forecast.score'].sudo()
        ends = scores._month_ends(day)
        calendar = scores._calendar(company, ends)
        for end in ends:
            scores._keep(company, end, day, calendar)
        forecaster, rule = Forecaster(company, day), scores._verdict(company)['rule']
        profiles = self.env['fulfilment.profile'].search([
            ('company_id', '=', company.id), ('partner_id', 'in', forecaster.customers()),
        ])
        self.env['fulfilment.payment.forecast'].sudo()._forecast_slice(forecaster, rule, profiles)
        self.env['fulfilment.cash.forecast'].sudo()._add_up(forecaster, rule)
