from odoo import api, fields, models

from ...tools.shown_date import shown_date


class FulfilmentInstalment(models.Model):
    """When it will likely be paid, where payments are forecast."""
    _inherit = 'fulfilment.instalment'

    date_likely = fields.Date(string="Likely paid on", compute='_compute_forecast', help="As of last night.")
    date_low = fields.Date(string="At the earliest", compute='_compute_forecast', help="One of ten is paid sooner.")
    date_high = fields.Date(string="At the latest", compute='_compute_forecast', help="One of ten is paid later.")
    late_probability = fields.Float(string="Chance to be late", compute='_compute_forecast', help="Given that it is open.")
    forecast_basis = fields.Char(string="Why then", compute='_compute_forecast')

    @api.depends('is_open')
    @api.depends_context('lang', 'as_of')
    def _compute_forecast(self):
        open_now = {} if self.env.context.get('as_of') else {
            # safe: the line an instalment that was read stands for; accountants only may follow it
            one: one.sudo().move_line_id.id for one in self if one.is_open
        }
        known = self.env['fulfilment.payment.forecast']._of_lines(list(set(open_now.values())))
        for one in self:
            forecast = known.get(open_now.get(one))
            one.date_likely = forecast.date_likely if forecast else False
            one.date_low = forecast.date_low if forecast else False
            one.date_high = forecast.date_high if forecast else False
            one.late_probability = forecast.late_probability if forecast else 0.0
            one.forecast_basis = forecast.with_env(self.env(su=True)).basis if forecast else False


class FulfilmentPaymentForecast(models.Model):
    _inherit = 'fulfilment.payment.forecast'

    @api.model
    def _told_of(self, partners, companies):
        """Say when customers will likely pay what is overdue, or what is due next where nothing is.

        :param partners: commercial partners the caller reads what is owed of
        :param companies: root companies
        :return: ``{(partner, root company): sentence}``; none where nothing is forecast
        """
        # safe: told of customers whose account the caller reads
        rows = self.sudo().search([('partner_id', 'in', partners.ids), ('company_id', 'child_of', companies.ids)])
        told = {}
        for (partner, company), group in rows.grouped(lambda row: (row.partner_id, row.company_id.root_id)).items():
            overdue = group.filtered(lambda row: row.date_due < row.as_of)
            told[partner, company] = (overdue or group.sorted('date_due')[:1])._told(bool(overdue))
        return told

    def _told(self, is_overdue):
        """Say when half of the amount of these has likely come, between the earliest and the latest day."""
        half, so_far, day = sum(self.mapped('amount')) / 2, 0.0, False
        for row in self.sorted('date_likely'):
            so_far += row.amount
            if so_far >= half:
                day = row.date_likely
                break
        values = {'day': shown_date(self.env, day)}
        lows, highs = [row.date_low for row in self if row.date_low], [row.date_high for row in self if row.date_high]
        if not lows:
            return self.env._("overdue, likely paid by %(day)s", **values) if is_overdue else \
                self.env._("next likely paid on %(day)s", **values)
        values.update(low=shown_date(self.env, min(lows)), high=shown_date(self.env, max(highs)))
        return self.env._("overdue, likely paid by %(day)s (%(low)s – %(high)s)", **values) if is_overdue else \
            self.env._("next likely paid on %(day)s (%(low)s – %(high)s)", **values)


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    payment_outlook = fields.Char(
        string="When money will come", compute='_compute_payment_outlook', help="Of what is owed, as of last night.",
    )

    @api.depends_context('lang', 'uid')
    def _compute_payment_outlook(self):
        told = self.env['fulfilment.payment.forecast']._told_of(self.partner_id, self.company_id)
        for profile in self:
            profile.payment_outlook = told.get((profile.partner_id, profile.company_id), False)


class FulfilmentCollectionWork(models.Model):
    _inherit = 'fulfilment.collection.work'

    payment_outlook = fields.Char(string="When money will come", related='profile_id.payment_outlook')


class FulfilmentCreditDecision(models.Model):
    _inherit = 'fulfilment.credit.decision'

    payment_outlook = fields.Char(
        string="When money will come", compute='_compute_payment_outlook', help="Of what the customer owes, as of last night.",
    )

    @api.depends('partner_id', 'outcome')
    @api.depends_context('lang', 'uid')
    def _compute_payment_outlook(self):
        """Tell it of held orders, to whoever may read the customer's figures."""
        held = self.filtered(lambda decision: decision.outcome == 'hold')
        readers = self.env['fulfilment.profile'].search([
            ('partner_id', 'in', held.partner_id.ids), ('company_id', 'in', held.company_id.root_id.ids),
        ]) if held else self.env['fulfilment.profile']
        by_customer = {(profile.partner_id, profile.company_id): profile for profile in readers}
        for decision in self:
            profile = by_customer.get((decision.partner_id, decision.company_id.root_id)) if decision in held else None
            decision.payment_outlook = profile.payment_outlook if profile else False
