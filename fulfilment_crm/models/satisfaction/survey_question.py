from odoo import api, fields, models
from odoo.exceptions import ValidationError

DIMENSIONS = [
    ('quality', "Product quality"), ('response', "Service response"), ('cooperation', "Cooperation experience"),
    ('value', "Value for money"),
]


class SurveyQuestion(models.Model):
    """Which question asks for which dimension of satisfaction: so a company may write a survey of its own."""
    _inherit = 'survey.question'

    fulfilment_dimension = fields.Selection(
        DIMENSIONS, string="Dimension of satisfaction",
        help="The marks given here count as this dimension of the customer's satisfaction. For scales from 1 to 5.",
    )

    @api.constrains('fulfilment_dimension', 'question_type', 'scale_min', 'scale_max')
    def _check_fulfilment_dimension(self):
        for question in self:
            is_scale = question.question_type == 'scale' and (question.scale_min, question.scale_max) == (1, 5)
            if question.fulfilment_dimension and not is_scale:
                raise ValidationError(self.env._(
                    "“%(question)s” asks for a dimension of satisfaction: make it a scale from 1 to 5.", question=question.title,
                ))
