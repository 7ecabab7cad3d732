from odoo import api, fields, models
from odoo.tools import SQL

from ..base.binding import binding

MONTHS_FALL = 3  # how long a lost or won grade counts as lost or won lately


class FulfilmentCreditAssessment(models.Model):
    """Assessments of many customers in one statement a scorecard, and the columns of profiles and credit lines that follow."""
    _inherit = 'fulfilment.credit.assessment'

    @api.model
    def _judge(self, company, day, only, occasion, note):
        """Write one assessment for each customer the scorecards in use serve; see ``_assess``."""
        self.env.flush_all()
        scorecards = binding(self.env['fulfilment.scorecard']).search([
            ('state', '=', 'active'), ('company_id', 'in', [False, company.id]),
        ], order='sequence, id').with_env(self.env)
        prefix, ids = self._claim_prefix(company, day, occasion), []
        for scorecard in scorecards:
            self.env.cr.execute(self._assessment_sql(scorecard, company, day, only, prefix, occasion, note))
            ids += [row_id for [row_id] in self.env.cr.fetchall()]
        made = self.browse(ids)
        if made:
            self._take_effect(company, made)
            made._replace_older()
        return made

    @api.model
    def _assessment_sql(self, scorecard, company, day, only, prefix, occasion, note):
        return SQL(
            """
            INSERT INTO fulfilment_credit_assessment (
                   claim_key, partner_id, company_id, profile_id, user_id, scorecard_id, date, occasion, occasion_note, score,
                   overdue_class, score_grade_id, grade_id, previous_grade_id, change, turnover, state, effective_on, inputs,
                   approval_state, approval_by_chain, create_uid, create_date, write_uid, write_date)
            SELECT %(prefix)s || scored.partner_id, scored.partner_id, %(company)s, scored.profile_id, scored.user_id, %(scorecard)s,
                   %(day)s, %(occasion)s, %(note)s, score, overdue_class, score_grade_id, scored.grade_id, line.grade_id,
                   CASE WHEN line.grade_id IS NULL THEN 'first' WHEN line.grade_id = scored.grade_id THEN 'same'
                        WHEN (old.sequence, old.id) > (new.sequence, new.id) THEN 'up' ELSE 'down' END,
                   revenue_12m,
                   CASE WHEN line.grade_id IS NULL OR line.grade_id = scored.grade_id THEN 'effective' ELSE 'draft' END,
                   CASE WHEN line.grade_id IS NULL OR line.grade_id = scored.grade_id THEN %(day)s::date END,
                   inputs, 'none', TRUE, %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM (%(scores)s) scored
              JOIN fulfilment_credit_grade new ON new.id = scored.grade_id
         LEFT JOIN fulfilment_credit_line line ON line.partner_id = scored.partner_id AND line.company_id = %(company)s
         LEFT JOIN fulfilment_credit_grade old ON old.id = line.grade_id
             WHERE NOT EXISTS (
                   SELECT FROM fulfilment_credit_assessment other WHERE other.claim_key = %(prefix)s || scored.partner_id)
            RETURNING id
            """,
            prefix=prefix, company=company.id, scorecard=scorecard.id, day=day, occasion=occasion, note=getattr(note, 'kept', note) or None,
            uid=self.env.uid,
            now=fields.Datetime.now(), scores=scorecard._scores_sql(company, only),
        )

    @api.model
    def _take_effect(self, company, made):
        """Bring what is in effect at once to credit lines and profiles; a score reaches the profile whatever becomes of its grade."""
        limit = SQL(
            """CASE grade.limit_kind WHEN 'fixed' THEN grade.limit_amount
                    WHEN 'share' THEN GREATEST(
                        round(GREATEST(COALESCE(assessment.turnover, 0), 0) * grade.limit_share / 100, 2),
                        COALESCE(grade.limit_least, 0)) END""",
        )
        self.env.cr.execute(SQL(
            """
            INSERT INTO fulfilment_credit_line AS line (
                   partner_id, company_id, grade_id, limit_source, "limit", sequence, create_uid, create_date, write_uid, write_date)
            SELECT assessment.partner_id, assessment.company_id, assessment.grade_id,
                   CASE WHEN grade.limit_kind = 'none' THEN 'none' ELSE 'grade' END, COALESCE(%(limit)s, 0), 0,
                   %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM fulfilment_credit_assessment assessment
              JOIN fulfilment_credit_grade grade ON grade.id = assessment.grade_id
             WHERE assessment.id = ANY(%(ids)s) AND assessment.state = 'effective'
            ON CONFLICT (partner_id, company_id) DO UPDATE
               SET grade_id = EXCLUDED.grade_id,
                   limit_source = CASE WHEN line.limit_source = 'manual' THEN line.limit_source ELSE EXCLUDED.limit_source END,
                   "limit" = CASE WHEN line.limit_source = 'manual' THEN line."limit" ELSE EXCLUDED."limit" END,
                   write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
             WHERE line.grade_id IS DISTINCT FROM EXCLUDED.grade_id
                OR line.limit_source != 'manual'
                   AND (line.limit_source, line."limit") IS DISTINCT FROM (EXCLUDED.limit_source, EXCLUDED."limit")
            """,
            limit=limit, uid=self.env.uid, now=fields.Datetime.now(), ids=made.ids,
        ))
        self.env['fulfilment.credit.line']._show_all(company, made)
        self.env.invalidate_all(flush=False)


class FulfilmentCreditLine(models.Model):
    _inherit = 'fulfilment.credit.line'

    @api.model
    def _show_all(self, company, assessments=None, profiles=None, day=None):
        """Write grade, limit and the share of it that is used into the profiles of a root company.

        :param assessments: only into the profiles these have judged, and their scores and overdue classes with it
        :param profiles: only into these; all profiles when both are None
        :param date day: the day to tell for; the company's own today when None
        :return: how many changed
        """
        self.env.flush_all()
        since = fields.Date.subtract(day or company._fulfilment_today()[company], months=MONTHS_FALL)
        judged = SQL("SELECT NULL::int AS profile_id, NULL::numeric AS score, NULL AS overdue_class WHERE FALSE")
        if assessments is not None:
            judged = SQL("SELECT profile_id, score, overdue_class FROM fulfilment_credit_assessment WHERE id = ANY(%s)", assessments.ids)
        self.env.cr.execute(SQL(
            """
            UPDATE fulfilment_profile profile
               SET credit_score = shown.score, overdue_class = shown.overdue_class, credit_grade_id = shown.grade_id,
                   credit_limit = shown.credit_limit, credit_used = shown.used, credit_grade_fall = shown.fall,
                   credit_grade_rise = shown.rise
              FROM (
                   WITH grade AS MATERIALIZED (
                       SELECT id, (row_number() OVER (ORDER BY sequence, id))::int AS place FROM fulfilment_credit_grade
                   ),
                   fallen AS MATERIALIZED (
                       SELECT assessment.partner_id, min(grade.place) AS place
                         FROM fulfilment_credit_assessment assessment
                         JOIN grade ON grade.id = assessment.previous_grade_id
                        WHERE assessment.company_id = %(company)s AND assessment.change = 'down' AND assessment.date > %(since)s
                          AND assessment.state IN ('in_approval', 'effective')
                     GROUP BY assessment.partner_id
                   ),
                   risen AS MATERIALIZED (
                       SELECT assessment.partner_id, max(grade.place) AS place
                         FROM fulfilment_credit_assessment assessment
                         JOIN grade ON grade.id = assessment.previous_grade_id
                        WHERE assessment.company_id = %(company)s AND assessment.change = 'up' AND assessment.effective_on > %(since)s
                          AND assessment.state = 'effective'
                     GROUP BY assessment.partner_id
                   )
                   SELECT profile.id, line.grade_id, line.credit_limit,
                          CASE WHEN line.grade_id IS NOT NULL
                               THEN GREATEST(GREATEST(own.place, proposed.place) - COALESCE(fallen.place, own.place), 0) END AS fall,
                          CASE WHEN line.grade_id IS NOT NULL
                               THEN GREATEST(COALESCE(risen.place, own.place) - GREATEST(own.place, proposed.place), 0) END AS rise,
                          round(100 * profile.exposure / NULLIF(line.credit_limit, 0), 2) AS used,
                          COALESCE(judged.score, profile.credit_score) AS score,
                          CASE WHEN judged.profile_id IS NULL THEN profile.overdue_class ELSE judged.overdue_class END AS overdue_class
                     FROM fulfilment_profile profile
                     %(which)s JOIN (%(judged)s) judged ON judged.profile_id = profile.id
                LEFT JOIN LATERAL (
                       SELECT held.grade_id, held.provisional_grade_id,
                              -- What orders are held against, as _effective_limit says: a lower grade proposed counts already.
                              CASE WHEN held.provisional_grade_id IS NULL OR held.limit_source = 'manual'
                                   THEN CASE WHEN held.limit_source != 'none' THEN held."limit" END
                                   ELSE LEAST(
                                       CASE WHEN held.limit_source != 'none' THEN held."limit" END,
                                       CASE lower.limit_kind WHEN 'fixed' THEN lower.limit_amount WHEN 'share'
                                            THEN GREATEST(round(GREATEST(COALESCE(profile.revenue_12m, 0), 0) * lower.limit_share / 100, 2),
                                                          COALESCE(lower.limit_least, 0)) END)
                              END + COALESCE(held.raised, 0) AS credit_limit
                         FROM fulfilment_credit_line held
                    LEFT JOIN fulfilment_credit_grade lower ON lower.id = held.provisional_grade_id
                        WHERE held.partner_id = profile.partner_id AND held.company_id = profile.company_id
                       ) line ON TRUE
                LEFT JOIN grade own ON own.id = line.grade_id
                LEFT JOIN grade proposed ON proposed.id = line.provisional_grade_id
                LEFT JOIN fallen ON fallen.partner_id = profile.partner_id
                LEFT JOIN risen ON risen.partner_id = profile.partner_id
                    WHERE profile.company_id = %(company)s AND %(only)s
                   ) shown
             WHERE profile.id = shown.id
               AND (profile.credit_score, profile.overdue_class, profile.credit_grade_id, profile.credit_limit, profile.credit_used,
                    profile.credit_grade_fall, profile.credit_grade_rise)
                   IS DISTINCT FROM (
                       shown.score, shown.overdue_class, shown.grade_id, shown.credit_limit, shown.used, shown.fall, shown.rise)
            """, since=since, which=SQL("LEFT") if assessments is None else SQL(""), judged=judged, company=company.id,
            only=SQL("TRUE") if profiles is None else SQL("profile.id = ANY(%s)", profiles.ids),
        ))
        self.env['fulfilment.profile'].invalidate_model([
            'credit_score', 'overdue_class', 'credit_grade_id', 'credit_limit', 'credit_used', 'credit_grade_fall', 'credit_grade_rise',
        ])
        return self.env.cr.rowcount
