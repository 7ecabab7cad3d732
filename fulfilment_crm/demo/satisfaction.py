from odoo import fields

from ..models.base.told import _lt, told
from .steps import Steps

# Who was asked, by whom it was answered, the day asked, the day answered (None: not yet) and the marks, in the order of the dimensions.
ASKED = [
    ('harbour', 'harbour_grace', -195, -193, (5, 4, 5, 5), 'Deliveries arrive when you say they do.'),
    ('riverside', 'riverside_robert', -195, None, (), ''),
    ('oldmill', 'oldmill_nora', -202, -198, (4, 3, 4, 4), 'It takes two days until somebody calls back.'),
    ('oldmill', 'oldmill_nora', -17, -15, (4, 4, 4, 5), 'Quicker than last time, thank you.'),
    ('bluebird', 'bluebird_amira', -10, None, (), ''),
]
DIMENSIONS = ('quality', 'response', 'cooperation', 'value')


class Satisfaction(Steps):
    """What customers of the demo company think of it."""

    def _tell_satisfaction(self):
        """Tell a year of surveys: one customer very satisfied, one who never answered, one won back, one asked just now; and a call today
        from one who is dissatisfied.
        """
        requests = [self._ask(customer, person, asked) for customer, person, asked, *_rest in ASKED]
        for request, (_customer, _person, asked, answered, marks, comment) in zip(requests, ASKED, strict=True):
            if answered is not None:
                self._answer_survey(request, answered, marks, comment)
            elif asked < -30:
                self._let_expire(request, asked)
        thanks = self.env['fulfilment.loyalty.proposal'].search([('commercial_partner_id', '=', self._demo('partner_harbour').id)])
        self._on(thanks, -190, 'leader').action_grant()
        self._call_riverside()

    def _ask(self, customer, person, offset):
        """Ask a customer by mail for the half-year the day lies in."""
        plan, day = self._demo('survey_plan_satisfaction'), self._day(offset)
        partner = self._demo(f'partner_{customer}')
        self._demo(f'partner_{person}').fulfilment_survey_contact = True
        name, _first = plan._period(day)
        requests = self._on(self.env['fulfilment.survey.request'], offset).sudo()
        request = requests._claim([{
            **requests._prepare_vals(plan, day, self.env.company), 'occasion': 'period', 'period': name,
            'commercial_partner_id': partner.id, 'user_id': partner.user_id.id, 'claim_key': f'demo: {customer}, {day}',
        }])
        request._send(day)
        request.mail_id.state = 'sent'
        return request

    def _answer_survey(self, request, offset, marks, comment):
        """Let the customer open the link of the mail and answer."""
        answer = self._on(request.user_input_id, offset)
        questions = answer.survey_id.question_ids
        for dimension, mark in zip(DIMENSIONS, marks, strict=True):
            answer._save_lines(questions.filtered(lambda one, dimension=dimension: one.fulfilment_dimension == dimension), str(mark))
        answer._save_lines(questions.filtered(lambda one: one.question_type == 'text_box'), comment)
        answer._mark_done()
        moment = fields.Datetime.add(fields.Datetime.to_datetime(self._day(offset)), hours=10)
        answer.write({'start_datetime': moment, 'end_datetime': moment})
        for action in answer.fulfilment_satisfaction_ids.improvement_ids:
            self._backdate(action, offset)

    def _let_expire(self, request, offset):
        """Nobody answers, in spite of two reminders."""
        for days in (7, 14):
            request._remind(self._day(offset + days))
            request.mail_id.state = 'sent'
        request._end('expired', told(self.env, _lt("Not answered in time")))

    def _call_riverside(self):
        """Service calls the customer whose pumps leak: a case of the supervisor, and actions for what is weak."""
        self._on(self.env['fulfilment.phone.survey'], 0, 'service').create({
            'partner_id': self._demo('partner_riverside_robert').id, 'company_id': self.env.company.id,
            'plan_id': self._demo('survey_plan_satisfaction').id, 'quality': '1', 'response': '2', 'cooperation': '4', 'value': '3',
            'comment': 'Two of four pumps leak and nobody has told us when they will be replaced.',
        }).action_save()
