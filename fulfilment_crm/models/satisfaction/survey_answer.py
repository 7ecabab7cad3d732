import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...tools.satisfaction import judge
from ..base.guard_mixin import without_unchanged
from ..base.readers import READERS
from ..base.told import _lt, told

_logger = logging.getLogger(__name__)


class SurveyUserInput(models.Model):
    """A finished answer becomes a result; what happens to the answer happens to the result."""
    _inherit = 'survey.user_input'

    fulfilment_request_ids = fields.One2many(
        'fulfilment.survey.request', 'user_input_id', string="Requests of the survey", groups=READERS,
    )
    fulfilment_satisfaction_ids = fields.One2many('fulfilment.satisfaction', 'user_input_id', string="Satisfaction", groups=READERS)
    fulfilment_entered_by_id = fields.Many2one(
        'res.users', string="Entered by", readonly=True, copy=False, ondelete='set null', help="Who took the answer by phone.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{name: value for name, value in vals.items() if name != 'fulfilment_entered_by_id'} for vals in vals_list]
        return super().create(vals_list)

    def _mark_done(self):
        result = super()._mark_done()
        # safe: whoever answers, a customer without login included, makes a result of the own answer and reads nothing
        self.sudo()._fulfilment_follow_safely()
        return result

    def write(self, vals):
        if not self.env.su and 'fulfilment_entered_by_id' in without_unchanged(self, vals, {'fulfilment_entered_by_id'}):
            raise AccessError(self.env._("Who took an answer by phone is noted by the form for it."))
        result = super().write(vals)
        if vals.get('state', 'done') != 'done' or vals.get('test_entry'):
            # safe: the result of an answer that is taken up again goes with it, and its request waits again
            self.sudo().fulfilment_satisfaction_ids.unlink()
            self.sudo().fulfilment_request_ids._wait_again()
        return result

    def unlink(self):
        # safe: an answer that somebody was allowed to delete counts nowhere; nobody can answer it any more either
        requests = self.sudo().fulfilment_request_ids
        result = super().unlink()
        requests.write({
            'state': 'cancelled', 'reason': told(self.env, _lt("The answer was deleted")), 'next_reminder_on': False, 'answered_on': False,
        })
        return result

    # === RESULTS === #

    def _fulfilment_follow_safely(self):
        """Follow finished answers up; whatever that meets, the customer's answer stands, and the daily round shows the problem."""
        if not self.survey_id.question_ids.filtered('fulfilment_dimension'):
            return
        try:
            with self.env.cr.savepoint():
                self._fulfilment_follow()
        except (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected):
            raise  # Odoo answers by doing all of it again
        except Exception:  # noqa: BLE001 - whatever goes wrong is ours, not that of the customer who answers
            _logger.exception("The answers %s could not be followed up", self.ids)

    def _fulfilment_follow(self):
        """Make or correct the results of answers, note them on their requests and act on them.

        Unfinished and test answers have none, nor have those where every dimension was skipped or whose participant is no customer.

        :return: the results, of type ``fulfilment.satisfaction``
        """
        marks = self._fulfilment_marks()
        finished = self.filtered(lambda answer: answer.state == 'done' and not answer.test_entry)
        marked = finished.filtered(lambda answer: marks[answer])
        (self - marked).fulfilment_satisfaction_ids.unlink()
        (finished - marked).fulfilment_request_ids._end('cancelled', told(self.env, _lt("Every question was skipped")))
        known = marked.filtered('fulfilment_satisfaction_ids')
        fresh = (marked - known).filtered(lambda answer: answer._fulfilment_is_of_customer())
        results = self.env['fulfilment.satisfaction']._make(fresh, marks) | known.fulfilment_satisfaction_ids._correct(marks)
        results.request_id._note_answer({result.request_id: result.date for result in results})
        results._follow_up()
        return results

    def _fulfilment_marks(self):
        """Return the marks given for dimensions: ``{answer: [(dimension, mark)]}``."""
        marks = {answer: [] for answer in self}
        for line in self.user_input_line_ids:
            dimension = line.question_id.fulfilment_dimension
            if dimension and line.answer_type == 'scale' and not line.skipped:
                marks[line.user_input_id].append((dimension, line.value_scale))
        return marks

    def _fulfilment_is_of_customer(self):
        """Whether somebody was asked for this answer, by mail or by phone: nobody else answers for a customer, nor again and again."""
        self.ensure_one()
        return bool(self.partner_id and (self.fulfilment_entered_by_id or self.fulfilment_request_ids))

    def _fulfilment_comment(self):
        """Return the free comments of an answer, one a line."""
        self.ensure_one()
        lines = self.user_input_line_ids.filtered(lambda line: not line.skipped)
        texts = [line.value_text_box or line.value_char_box for line in lines if line.answer_type in ('text_box', 'char_box')]
        return '\n'.join(text.strip() for text in texts if text and text.strip())


class SurveyUserInputLine(models.Model):
    """A finished answer that is corrected corrects its result."""
    _inherit = 'survey.user_input.line'

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.user_input_id._fulfilment_correct()
        return lines

    def write(self, vals):
        before = self.user_input_id
        result = super().write(vals)
        (before | self.user_input_id)._fulfilment_correct()
        return result

    def unlink(self):
        answers = self.user_input_id
        result = super().unlink()
        answers.exists()._fulfilment_correct()
        return result


class SurveyUserInputCorrected(models.Model):
    _inherit = 'survey.user_input'

    def _fulfilment_correct(self):
        # safe: results follow from answers, whoever was allowed to correct these
        finished = self.sudo().filtered(lambda answer: answer.state == 'done')
        finished.filtered('fulfilment_satisfaction_ids')._fulfilment_follow_safely()


def judged(company, marks):
    """Judge the marks of an answer by a company's levels, and return the values of a result."""
    means, average, level = judge(marks, company.fulfilment_satisfaction_very, company.fulfilment_satisfaction_fairly)
    return {**means, 'average': average, 'level': level}
