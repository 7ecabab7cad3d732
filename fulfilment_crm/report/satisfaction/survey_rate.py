from odoo import fields, models
from odoo.tools import SQL


class FulfilmentSurveyRate(models.Model):
    """Per plan, company and period how many were asked, how many answered and what they said; whether that is enough to rest on."""
    _name = 'fulfilment.survey.rate'
    _description = 'Response to surveys'
    _auto = False
    _order = 'period DESC, plan_id, company_id'
    _rec_name = 'period'

    plan_id = fields.Many2one('fulfilment.survey.plan', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    occasion = fields.Selection([('period', "Regular survey"), ('contract', "Contract end"), ('phone', "By phone")], readonly=True)
    period = fields.Char(readonly=True, help="The period asked for; of contract ends and phone calls the half-year.")
    sent_count = fields.Integer(string="Surveys sent", readonly=True, help="Requests that were sent.")
    sent_answered_count = fields.Integer(string="Answered of those", readonly=True)
    response_rate = fields.Float(
        string="Response (%)", readonly=True, aggregator=None, digits=(16, 2), help="Answered ÷ asked. Empty: nobody was asked.",
    )
    answer_count = fields.Integer(string="Answers", readonly=True, help="All answers, by phone too: the base of the means.")
    average = fields.Float(string="Mean", readonly=True, aggregator=None, digits=(16, 2))
    quality = fields.Float(string="Product quality", readonly=True, aggregator=None, digits=(16, 2))
    response = fields.Float(string="Service response", readonly=True, aggregator=None, digits=(16, 2))
    cooperation = fields.Float(string="Cooperation experience", readonly=True, aggregator=None, digits=(16, 2))
    value = fields.Float(string="Value for money", readonly=True, aggregator=None, digits=(16, 2))
    sample_min = fields.Integer(string="Smallest sample", readonly=True, aggregator=None)
    is_sample_small = fields.Boolean(
        string="Too few answers", readonly=True, help="The means rest on fewer answers than the plan asks for.",
    )
    sample_note = fields.Char(compute='_compute_sample_note', string="Note")

    def _compute_sample_note(self):
        for row in self:
            row.sample_note = self.env._(
                "Too few answers: %(count)s of %(least)s", count=row.answer_count, least=row.sample_min,
            ) if row.is_sample_small else False

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT min(request.id) AS id, request.plan_id, request.company_id, request.occasion, request.period,
                   count(*) FILTER (WHERE request.sent_on IS NOT NULL) AS sent_count,
                   count(*) FILTER (WHERE request.sent_on IS NOT NULL AND request.state = 'answered') AS sent_answered_count,
                   round(100.0 * count(*) FILTER (WHERE request.sent_on IS NOT NULL AND request.state = 'answered')
                         / NULLIF(count(*) FILTER (WHERE request.sent_on IS NOT NULL), 0), 2) AS response_rate,
                   count(result.id) AS answer_count, round(avg(result.average)::numeric, 2) AS average,
                   round(avg(result.quality)::numeric, 2) AS quality, round(avg(result.response)::numeric, 2) AS response,
                   round(avg(result.cooperation)::numeric, 2) AS cooperation, round(avg(result.value)::numeric, 2) AS value,
                   plan.sample_min, count(result.id) < plan.sample_min AS is_sample_small
              FROM (
                   SELECT id, plan_id, company_id, occasion, sent_on, state,
                          COALESCE(period, to_char(date, 'YYYY') || CASE WHEN date_part('month', date) < 7 THEN '-H1' ELSE '-H2' END)
                              AS period
                     FROM fulfilment_survey_request
                    WHERE plan_id IS NOT NULL
                   ) request
              JOIN fulfilment_survey_plan plan ON plan.id = request.plan_id
         LEFT JOIN fulfilment_satisfaction result ON result.request_id = request.id
          GROUP BY request.plan_id, request.company_id, request.occasion, request.period, plan.sample_min
            """,
        )
