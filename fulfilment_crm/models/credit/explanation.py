from odoo import api, models

from ...tools import markup, scoring


class FulfilmentCreditAssessment(models.Model):
    """Why a grade is what it is, in a table, and what would raise it, in a sentence."""
    _inherit = 'fulfilment.credit.assessment'

    @api.depends('inputs', 'scorecard_id', 'grade_id')
    @api.depends_context('lang')
    def _compute_explanation(self):
        figures = self.env['fulfilment.profile']._figures()
        for assessment in self:
            if not assessment.inputs or not assessment.scorecard_id:
                assessment.explanation, assessment.improvement = False, False
                continue
            assessment.explanation = markup.table(
                [self.env._("Criterion"), self.env._("Figure"), self.env._("Measured value"), self.env._("Points"), self.env._("Weight")],
                assessment._explanation_rows(figures), left=2, below=assessment._caps_text(),
            )
            assessment.improvement = assessment._improvement_text(figures)

    def _explanation_rows(self, figures):
        self.ensure_one()
        stored = self.inputs['criteria']
        for criterion in self.scorecard_id.criterion_ids:
            if str(criterion.id) not in stored:
                continue
            value, points, weight = stored[str(criterion.id)]
            yield [
                criterion.name, figures[criterion.figure]._description_string(self.env), _number(value),
                self.env._("left out") if points is None else _number(points), _number(weight),
            ]

    def _caps_text(self):
        """Explain which caps and vetoes made the grade worse than the score alone."""
        self.ensure_one()
        score, grade, caps = self._stored_calculation()
        texts = [self.env._(
            "Score %(score)s earns %(grade)s.", score=f'{score:.2f}' if score is not None else '–',
            grade=self.score_grade_id.code or '–',
        )]
        if 'overdue' in caps:
            texts.append(self.env._(
                "Overdue class %(overdue)s (%(days)s days) allows %(grade)s at most.", overdue=self.overdue_class,
                days=self.inputs.get('overdue_days_max'), grade=self.scorecard_id._caps()[self.overdue_class],
            ))
        criteria, values = self._stored_criteria()
        names = {criterion.id: criterion.name for criterion in self.scorecard_id.criterion_ids}
        for criterion in criteria:
            _points, force = scoring.points_of(criterion, values[criterion['figure']])
            if criterion['figure'] in caps and force:
                texts.append(self.env._("“%(criterion)s” allows %(grade)s at most.", criterion=names[criterion['id']], grade=force))
        texts.append(self.env._(
            "Scorecard: %(scorecard)s. Grade: %(grade)s.", scorecard=self.scorecard_id.display_name, grade=grade or '–',
        ))
        return ' '.join(texts)

    def _improvement_text(self, figures):
        self.ensure_one()
        change = self._smallest_change()
        if change is None:
            best = self.env['fulfilment.credit.grade'].search([], limit=1)
            return self.env._("This is the best grade.") if self.grade_id == best else self.env._("No single figure would raise the grade.")
        figure, value, grade, _crossed = change
        _criteria, values = self._stored_criteria()
        return self.env._(
            "With %(figure)s at %(value)s instead of %(now)s the grade would be %(grade)s.",
            figure=figures[figure]._description_string(self.env), value=_number(value), now=_number(values.get(figure)), grade=grade,
        )


def _number(value):
    """Write a figure as text; “–” stands for no data."""
    return '–' if value is None else f'{value:,.2f}'.rstrip('0').rstrip('.')
