from odoo import fields, models
from odoo.tools import SQL

from ..base.opening import open_list


class FulfilmentScorecardPreview(models.TransientModel):
    """What a scorecard would do to the grades of all customers it serves, before it is put into use."""
    _name = 'fulfilment.scorecard.preview'
    _description = 'Preview of a scorecard'

    scorecard_id = fields.Many2one('fulfilment.scorecard', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, readonly=True, ondelete='cascade')
    customer_count = fields.Integer(string="Customers served", readonly=True)
    moved_count = fields.Integer(string="Would change", readonly=True)
    up_count = fields.Integer(string="Raised", readonly=True)
    down_count = fields.Integer(string="Lowered", readonly=True)
    line_ids = fields.One2many('fulfilment.scorecard.preview.line', 'preview_id', readonly=True)

    def _fill(self):
        """Score all customers the scorecard would serve and keep those whose grade would change."""
        self.ensure_one()
        self.env.flush_all()
        # Whom a scorecard before it in order gives a score is not this one's.
        earlier = [SQL("SELECT NULL::int WHERE FALSE")] + [
            SQL("SELECT profile_id FROM (%s) scores", scorecard._scores_sql(self.company_id))
            for scorecard in self.scorecard_id._earlier_in_use(self.company_id)
        ]
        self.env.cr.execute(SQL(
            """
            WITH earlier(profile_id) AS MATERIALIZED (%(earlier)s),
            scored AS MATERIALIZED (
                SELECT scores.*, profile.credit_grade_id AS grade_before
                  FROM (%(scores)s) scores JOIN fulfilment_profile profile ON profile.id = scores.profile_id
                 WHERE NOT EXISTS (SELECT FROM earlier WHERE earlier.profile_id = scores.profile_id)
            ),
            moved AS (
                INSERT INTO fulfilment_scorecard_preview_line (
                       preview_id, profile_id, partner_id, grade_before_id, grade_after_id, score, direction, create_uid, create_date)
                SELECT %(preview)s, profile_id, partner_id, grade_before, scored.grade_id, score,
                       CASE WHEN grade_before IS NULL THEN 'first'
                            WHEN (old.sequence, old.id) > (new.sequence, new.id) THEN 'up' ELSE 'down' END,
                       %(uid)s, %(now)s
                  FROM scored
                  JOIN fulfilment_credit_grade new ON new.id = scored.grade_id
             LEFT JOIN fulfilment_credit_grade old ON old.id = scored.grade_before
                 WHERE grade_before IS DISTINCT FROM scored.grade_id
             RETURNING direction
            )
            SELECT (SELECT count(*) FROM scored), count(*), count(*) FILTER (WHERE direction = 'up'),
                   count(*) FILTER (WHERE direction = 'down')
              FROM moved
            """,
            earlier=SQL(" UNION ALL ").join(earlier), scores=self.scorecard_id._scores_sql(self.company_id), preview=self.id,
            uid=self.env.uid, now=fields.Datetime.now(),
        ))
        [[customers, moved, up, down]] = self.env.cr.fetchall()
        self.write({'customer_count': customers, 'moved_count': moved, 'up_count': up, 'down_count': down})
        self.invalidate_recordset(['line_ids'])

    def action_open_lines(self):
        """Open the list of customers whose grade would change, from which grade to which."""
        self.ensure_one()
        return open_list(self, 'scorecard_preview_line_action', [('preview_id', '=', self.id)])


class FulfilmentScorecardPreviewLine(models.TransientModel):
    _name = 'fulfilment.scorecard.preview.line'
    _description = 'Customer whose grade would change'
    _order = 'direction, score'

    preview_id = fields.Many2one('fulfilment.scorecard.preview', required=True, index=True, ondelete='cascade')
    profile_id = fields.Many2one('fulfilment.profile', readonly=True, ondelete='cascade')
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True, ondelete='cascade')
    grade_before_id = fields.Many2one('fulfilment.credit.grade', string="Grade before", readonly=True, ondelete='cascade')
    grade_after_id = fields.Many2one('fulfilment.credit.grade', string="New grade", readonly=True, ondelete='cascade')
    score = fields.Float(readonly=True, digits=(16, 2), aggregator='avg')
    direction = fields.Selection([('up', "Raised"), ('down', "Lowered"), ('first', "First grade")], readonly=True)


class FulfilmentScorecard(models.Model):
    _inherit = 'fulfilment.scorecard'

    def _earlier_in_use(self, company):
        """Return the scorecards in use that come before this one in order; other versions of it give way to it."""
        self.ensure_one()
        others = self.search([('state', '=', 'active'), ('company_id', 'in', [False, company.id]), ('id', 'not in', self._versions().ids)])
        return others.filtered(lambda other: (other.sequence, other.id) < (self.sequence, self.id))

    def action_preview(self):
        """Show what this scorecard would change, for all customers of the company, without changing anything.

        :return: action that opens the preview
        """
        self.ensure_one()
        self.check_access('write')
        preview = self.env['fulfilment.scorecard.preview'].create({'scorecard_id': self.id, 'company_id': self.env.company.root_id.id})
        # safe: the effect on all customers is what is asked for; the right to change scorecards was checked above
        preview.sudo()._fill()
        return {
            'type': 'ir.actions.act_window', 'res_model': preview._name, 'res_id': preview.id, 'view_mode': 'form',
            'name': self.env._("Preview"), 'target': 'new',
        }
