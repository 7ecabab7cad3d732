from odoo import fields, models
from odoo.tools import SQL

PATIENCE = 6  # months in which an order shows that a silent customer stayed


class FulfilmentChurnTest(models.TransientModel):
    """How the silence limit would have done on the firm's own past, month end by month end."""
    _name = 'fulfilment.churn.test'
    _description = 'Test of the silence limit'

    company_id = fields.Many2one(
        'res.company', required=True, readonly=True, default=lambda self: self.env.company.root_id, ondelete='cascade',
    )
    threshold = fields.Float(string="Silence from (% of the limit)", default=100.0, digits=(16, 2))
    judged = fields.Integer(string="Customers judged", readonly=True, help="With a silence limit at a month end at least six months ago.")
    left_count = fields.Integer(
        string="Left", readonly=True, help="Ordered nothing within six months after their last warning or month end judged.",
    )
    warned_count = fields.Integer(string="Warned", readonly=True)
    hit_count = fields.Integer(string="Warned and left", readonly=True)
    false_count = fields.Integer(string="Warned and came back", readonly=True)
    missed_count = fields.Integer(string="Left without warning", readonly=True)
    precision = fields.Float(string="Warnings that were right (%)", readonly=True, digits=(16, 2))
    recall = fields.Float(string="Leavers that were warned of (%)", readonly=True, digits=(16, 2))

    def action_run(self):
        """Count hits and misses over all month ends kept."""
        self.ensure_one()
        # safe: counts only, over all customers of a company the user works in
        self.sudo()._count(self.company_id)
        return {
            'type': 'ir.actions.act_window', 'res_model': self._name, 'res_id': self.id, 'view_mode': 'form', 'target': 'new',
            'name': self.env._("Test of the silence limit"),
        }

    def _count(self, company):
        self.env.flush_all()
        today = company._fulfilment_today()[company]
        limit = fields.Date.subtract(today, months=PATIENCE)
        scope = self.env['fulfilment.profile']._scope(company, today)
        [[judged, warned, left, hits]] = self.env.execute_query(SQL(
            """
            WITH pictured AS (
                SELECT partner_id, bool_or(order_silence > %(threshold)s) AS warned,
                       COALESCE(max(date) FILTER (WHERE order_silence > %(threshold)s), max(date)) AS last_date
                  FROM fulfilment_profile_history
                 WHERE company_id = %(company)s AND date <= %(limit)s AND order_silence IS NOT NULL
              GROUP BY partner_id
            ),
            judged AS (
                SELECT pictured.*, NOT EXISTS (
                       SELECT FROM sale_order sale JOIN res_partner partner ON partner.id = sale.partner_id
                        WHERE partner.commercial_partner_id = pictured.partner_id AND sale.state = 'sale'
                          AND sale.company_id = ANY(%(companies)s)
                          AND %(day)s > pictured.last_date AND %(day)s <= pictured.last_date + interval '6 months') AS has_left
                  FROM pictured
            )
            SELECT count(*), count(*) FILTER (WHERE warned), count(*) FILTER (WHERE has_left), count(*) FILTER (WHERE warned AND has_left)
              FROM judged
            """, threshold=self.threshold, company=company.id, limit=limit, companies=list(scope.companies),
            day=scope.local_day(SQL("sale.date_order")),
        ))
        self.write({
            'judged': judged, 'warned_count': warned, 'left_count': left, 'hit_count': hits, 'false_count': warned - hits,
            'missed_count': left - hits, 'precision': round(100 * hits / warned, 2) if warned else 0.0,
            'recall': round(100 * hits / left, 2) if left else 0.0,
        })
