from functools import partial

from odoo import api, models

from ..base.run import Action
from .forecaster import Forecaster


class FulfilmentPaymentForecast(models.Model):
    """The nightly round: month ends compared with what came, then every open instalment, then the weeks ahead."""
    _inherit = 'fulfilment.payment.forecast'

    @api.model
    def _cron_forecast(self, as_of=None):
        """Forecast the payments of every root company that asks for it.

        :param as_of: the day to work for (date, or naive UTC datetime); with None each company's own today
        """
        self = self.sudo()  # safe: a scheduled action works for all companies
        run = self.env['fulfilment.run']._open('forecast', as_of)
        companies = self.env['res.company'].search([('fulfilment_forecast', '=', True)]).root_id
        for company, day in companies._fulfilment_today(as_of).items():
            if not self._forecast(run, company, day):
                return
        run._close()

    @api.model
    def _forecast(self, run, company, day):
        """Do one root company.

        :return: False when the scheduler's time was up
        """
        scores = self.env['fulfilment.forecast.score']
        due = scores._due(company, day)
        calendar = scores._calendar(company, due)
        made = []

        def prepare():
            made[:] = [Forecaster(company, day)]
            return {}

        compare = [partial(scores._keep, company, end, day, calendar) for end in due]
        if not run._together(company, [*compare, prepare]):
            return True  # set aside, and told
        [forecaster], rule = made, scores._verdict(company)['rule']
        profiles = self.env['fulfilment.profile'].search([
            ('company_id', '=', company.id), ('partner_id', 'in', self._still_to_do(forecaster)),
        ])
        if not run._slices(profiles, partial(self._forecast_slice, forecaster, rule), size=1000):
            return False
        run._together(company, [partial(self.env['fulfilment.cash.forecast']._add_up, forecaster, rule)])
        return True


    @api.model
    def _still_to_do(self, forecaster):
        """Return the customers without a forecast of the day, whom an interrupted run has left; all where none is left."""
        customers = forecaster.customers()
        done = {partner.id for [partner] in self._read_group([
            ('company_id', 'in', forecaster.ledger.companies), ('as_of', '=', forecaster.day),
        ], ['partner_id'])}
        return [customer for customer in customers if customer not in done] or customers


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(
            46, 'forecast', self.env._("Forecast of payments"), 'fulfilment.payment.forecast', '_cron_forecast',
        )]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(), 'instalments forecast': self.env._("Instalments forecast"),
            'weeks forecast': self.env._("Weeks forecast"), 'forecasts compared': self.env._("Month ends compared"),
        }
