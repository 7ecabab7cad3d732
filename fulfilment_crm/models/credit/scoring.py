import json

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.scoring import NEUTRAL
from ..base.binding import binding


class FulfilmentScorecard(models.Model):
    """Scores of many customers in one statement; ``tools/scoring.py`` is the same calculation for one, held against it by a test."""
    _inherit = 'fulfilment.scorecard'

    def _scores_sql(self, company, only=()):
        """Select the scores of the customers this scorecard serves.

        :param company: root company
        :param only: a domain on profiles that narrows them further
        :return: SELECT of ``profile_id, partner_id, user_id, revenue_12m, score, score_grade_id, overdue_class, grade_id, inputs``
        """
        self.ensure_one()
        grades = binding(self.env['fulfilment.credit.grade']).search([])
        domain = Domain('company_id', '=', company.id) & Domain(only) & Domain(self._parsed_domain())
        query = self.env['fulfilment.profile']._search(domain, bypass_access=True)
        criteria = self._criteria()
        points = [self._points_sql(criterion) for criterion in criteria]
        position = {grade.code: place for place, grade in enumerate(grades)}
        caps = [
            SQL("CASE WHEN overdue_days_max > %s THEN %s WHEN overdue_days_max > 0 THEN %s ELSE 0 END",
                self.overdue_days, position.get(self.cap_c_grade_id.code, 0), position.get(self.cap_b_grade_id.code, 0)),
            *(self._force_sql(criterion, position) for criterion in criteria),
        ]
        names = [SQL.identifier(f'points_{place}') for place in range(len(criteria))]
        weights = [SQL("%s::numeric", criterion['weight']) for criterion in criteria]
        return SQL(
            """
            WITH judged AS MATERIALIZED (
                SELECT fulfilment_profile.id AS profile_id, fulfilment_profile.*, %(points)s, GREATEST(%(caps)s) AS cap
                  FROM %(from)s WHERE %(where)s
            ),
            weighted AS MATERIALIZED (
                SELECT profile_id, partner_id, user_id, revenue_12m, cap, overdue_days_max,
                       round((%(sum)s) / NULLIF(%(weights)s, 0), 2) AS score, %(known)s AS known, %(whole)s AS whole,
                       jsonb_build_object('profile', profile_id, 'statement', statement_id, 'external', external_score_id,
                                          'overdue_days_max', overdue_days_max, 'grades', %(scale)s::jsonb,
                                          'criteria', jsonb_build_object(%(inputs)s)) AS inputs
                  FROM judged
            )
            SELECT profile_id, partner_id, user_id, revenue_12m, score, (%(grade_ids)s)[by_score + 1] AS score_grade_id, overdue_class,
                   (%(grade_ids)s)[GREATEST(by_score, cap) + 1] AS grade_id, inputs
              FROM (
                   SELECT *, %(by_score)s AS by_score,
                          CASE WHEN overdue_days_max > %(overdue_days)s THEN 'C' WHEN overdue_days_max > 0 THEN 'B'
                               WHEN overdue_days_max IS NOT NULL THEN 'A' END AS overdue_class
                     FROM weighted
                    WHERE score IS NOT NULL AND 100 * known >= %(least)s::numeric * whole
                   ) graded
            """,
            scale=json.dumps(self.env['fulfilment.credit.grade']._scale()),
            grade_ids=SQL("ARRAY[%s]::int[]", SQL(", ").join(SQL("%s", grade.id) for grade in grades)),
            by_score=self._grade_sql(grades), overdue_days=self.overdue_days,
            sum=SQL(" + ").join(SQL("COALESCE(%s * %s, 0)", weight, name) for weight, name in zip(weights, names, strict=True)),
            weights=SQL("(%s)", SQL(" + ").join(
                SQL("CASE WHEN %s IS NULL THEN 0 ELSE %s END", name, weight) for weight, name in zip(weights, names, strict=True)
            )),
            least=self.data_share, whole=SQL("(%s)", SQL(" + ").join(weights)), known=SQL("(%s)", SQL(" + ").join(
                SQL("CASE WHEN %s IS NULL THEN 0 ELSE %s END", SQL.identifier(criterion['figure']), weight)
                for criterion, weight in zip(criteria, weights, strict=True)
            )),
            inputs=SQL(", ").join(
                SQL("%s, jsonb_build_array(%s, %s, %s)", str(criterion['id']), SQL.identifier(criterion['figure']), name, weight)
                for criterion, name, weight in zip(criteria, names, weights, strict=True)
            ),
            points=SQL(", ").join(SQL("%s AS %s", value, name) for value, name in zip(points, names, strict=True)),
            caps=SQL(", ").join(caps), **{'from': query.from_clause}, where=query.where_clause or SQL("TRUE"),
        )

    @api.model
    def _points_sql(self, criterion):
        column, bands = SQL.identifier('fulfilment_profile', criterion['figure']), criterion['bands']
        missing = {
            'skip': SQL("NULL"), 'neutral': SQL("%s", NEUTRAL), 'worst': SQL("%s", min(points for _lower, points, _force in bands)),
        }[criterion['no_data']]
        branches = [SQL("WHEN %s >= %s THEN %s", column, lower, points) for lower, points, _force in reversed(bands) if lower is not None]
        return SQL("(CASE WHEN %s IS NULL THEN %s %s ELSE %s END)::numeric", column, missing, SQL(" ").join(branches), bands[0][1])

    @api.model
    def _force_sql(self, criterion, position):
        """Return, as SQL, the place of the best grade that the band a customer falls in allows; 0 for any."""
        column, bands = SQL.identifier('fulfilment_profile', criterion['figure']), criterion['bands']
        if not any(force for _lower, _points, force in bands):
            return SQL("0")
        branches = [
            SQL("WHEN %s >= %s THEN %s", column, lower, position.get(force, 0))
            for lower, _p, force in reversed(bands) if lower is not None
        ]
        return SQL("CASE WHEN %s IS NULL THEN 0 %s ELSE %s END", column, SQL(" ").join(branches), position.get(bands[0][2], 0))

    @api.model
    def _grade_sql(self, grades):
        """Return, as SQL, the place of the grade a score earns."""
        branches = [SQL("WHEN score > %s::numeric THEN %s", round(grade.score_above, 2), place) for place, grade in enumerate(grades[:-1])]
        return SQL("CASE %s ELSE %s END", SQL(" ").join(branches), len(grades) - 1)
