from odoo import api, fields, models
from odoo.tools import SQL

from ..base.opening import open_list
from ..base.run import Action

MONTHS = 24
MINIMUM = 3  # customers who bought both


class FulfilmentCrossSell(models.Model):
    """Products that customers buy together: who bought the first, often bought the second as well."""
    _name = 'fulfilment.cross.sell'
    _description = 'Products bought together'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'lift desc, confidence desc, id'
    _rec_name = 'product_id'

    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade')
    product_id = fields.Many2one('product.product', string="Who bought", required=True, readonly=True, index=True, ondelete='cascade')
    other_product_id = fields.Many2one(
        'product.product', string="also bought", required=True, readonly=True, index=True, ondelete='cascade',
    )
    both_count = fields.Integer(string="Customers with both", readonly=True)
    customer_count = fields.Integer(string="Customers with the first", readonly=True)
    support = fields.Float(
        string="Support (%)", readonly=True, digits=(16, 2), aggregator='avg', help="Customers with both ÷ all customers.",
    )
    confidence = fields.Float(
        string="Confidence (%)", readonly=True, digits=(16, 2), aggregator='avg', help="Customers with both ÷ customers with the first.",
    )
    lift = fields.Float(
        readonly=True, digits=(16, 2), aggregator='avg',
        help="Confidence ÷ share of all customers who bought the second. Above 1: more than by chance.",
    )

    _pair_unique = models.UniqueIndex('(company_id, product_id, other_product_id)', "This pair is there already.")

    @api.model
    def _refresh(self, company, day):
        """Count the pairs anew from the confirmed orders of the last 24 months; pairs that are none any more go.

        :return: number of pairs
        """
        self.env.flush_all()
        scope = self.env['fulfilment.profile']._scope(company, day)
        since = fields.Date.subtract(day, months=MONTHS)
        pairs = SQL(
            """
            WITH bought AS MATERIALIZED (
                SELECT DISTINCT partner.commercial_partner_id AS partner_id, line.product_id
                  FROM sale_order_line line
                  JOIN sale_order sale ON sale.id = line.order_id
                  JOIN res_partner partner ON partner.id = sale.partner_id
                 WHERE sale.state = 'sale' AND sale.company_id = ANY(%(companies)s) AND %(day)s > %(since)s AND sale.date_order < %(end)s
                   AND line.product_id IS NOT NULL AND line.product_uom_qty > 0 AND line.display_type IS NULL
            ),
            total AS (SELECT count(DISTINCT partner_id)::numeric AS number FROM bought),
            single AS (SELECT product_id, count(*)::numeric AS number FROM bought GROUP BY product_id),
            pair AS (
                SELECT one.product_id, other.product_id AS other_product_id, count(*)::numeric AS number
                  FROM bought one
                  JOIN bought other ON other.partner_id = one.partner_id AND other.product_id != one.product_id
              GROUP BY one.product_id, other.product_id
                HAVING count(*) >= %(minimum)s
            )
            SELECT pair.product_id, pair.other_product_id, pair.number::int AS both_count, first.number::int AS customer_count,
                   round(100 * pair.number / total.number, 2) AS support, round(100 * pair.number / first.number, 2) AS confidence,
                   round(pair.number * total.number / (first.number * second.number), 2) AS lift
              FROM pair CROSS JOIN total
              JOIN single first ON first.product_id = pair.product_id
              JOIN single second ON second.product_id = pair.other_product_id
            """,
            companies=list(scope.companies), since=since, day=scope.local_day(SQL("sale.date_order")), end=scope.end, minimum=MINIMUM,
        )
        columns = ('product_id', 'other_product_id', 'both_count', 'customer_count', 'support', 'confidence', 'lift')
        names = SQL(", ").join(map(SQL.identifier, columns))
        self.env.cr.execute(SQL(
            """
            WITH pairs AS MATERIALIZED (%(pairs)s),
            gone AS (
                DELETE FROM fulfilment_cross_sell old WHERE old.company_id = %(company)s AND NOT EXISTS (
                    SELECT FROM pairs WHERE pairs.product_id = old.product_id AND pairs.other_product_id = old.other_product_id)
            )
            INSERT INTO fulfilment_cross_sell AS old (company_id, %(names)s, create_uid, create_date, write_uid, write_date)
            SELECT %(company)s, %(names)s, %(uid)s, %(now)s, %(uid)s, %(now)s FROM pairs
            ON CONFLICT (company_id, product_id, other_product_id) DO UPDATE
               SET %(updates)s, write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
             WHERE (%(before)s) IS DISTINCT FROM (%(after)s)
            """,
            pairs=pairs, company=company.id, names=names, uid=self.env.uid, now=fields.Datetime.now(),
            updates=SQL(", ").join(SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name)) for name in columns[2:]),
            before=SQL(", ").join(SQL.identifier('old', name) for name in columns[2:]),
            after=SQL(", ").join(SQL("EXCLUDED.%s", SQL.identifier(name)) for name in columns[2:]),
        ))
        self.env.invalidate_all(flush=False)
        return self.search_count([('company_id', '=', company.id)])

    @api.model
    def _cron_pairs(self, as_of=None):
        """Count the pairs of products of every root company anew.

        :param as_of: date to work for; each company's own today when None
        """
        # safe: a scheduled action works for all companies
        self = self.sudo()
        run = self.env['fulfilment.run']._open('pairs', as_of)
        for company, day in self.env['res.company'].search([]).root_id._fulfilment_today(as_of).items():
            run._together(company, [lambda company=company, day=day: {'pairs of products': self._refresh(company, day)}])
        run._close()

    def action_open_customers(self):
        """Open the customers who bought the first product and not yet the second."""
        self.ensure_one()
        customers = [
            self.env['sale.order.line'].search([
                ('product_id', '=', product.id), ('state', '=', 'sale'), ('company_id', 'child_of', self.company_id.id),
            ]).order_partner_id.commercial_partner_id for product in (self.product_id, self.other_product_id)
        ]
        domain = [('partner_id', 'in', (customers[0] - customers[1]).ids), ('company_id', '=', self.company_id.id)]
        return open_list(self, 'profile_action', domain, search_default_in_use=1)


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(35, 'pairs', self.env._("Products bought together"), 'fulfilment.cross.sell', '_cron_pairs')]

    @api.model
    def _effect_labels(self):
        return {**super()._effect_labels(), 'pairs of products': self.env._("Pairs of products bought together")}
