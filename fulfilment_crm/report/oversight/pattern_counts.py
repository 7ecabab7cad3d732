"""How many milestones were due and late, by duty, month, product, team, template and customer, in one statement."""
from odoo.tools import SQL


def counts(cr, companies, since, day):
    """Count finished and overdue milestones.

    :param companies: ids of a root company and its branches
    :param date since: the day before the first that counts
    :param date day: the last day that counts
    :return: ``[(dimension, key, late, number)]``; the key is a text: ``us/delivery``, ``3``, or an id
    """
    cr.execute(SQL(
        """
        WITH due AS MATERIALIZED (
            SELECT milestone.id, milestone.kind, milestone.obligor, contract.team_id, contract.template_id,
                   contract.commercial_partner_id AS partner_id, extract(month FROM milestone.date_planned)::int AS month,
                   (milestone.state = 'pending' OR milestone.on_time = 'no')::int AS late
              FROM fulfilment_milestone milestone
              JOIN fulfilment_contract contract ON contract.id = milestone.contract_id
         LEFT JOIN fulfilment_milestone before ON before.id = milestone.predecessor_id
             WHERE milestone.company_id = ANY(%(companies)s) AND milestone.date_planned > %(since)s AND milestone.date_planned <= %(day)s
               AND (milestone.state = 'done' AND milestone.on_time IS NOT NULL
                    OR milestone.state = 'pending' AND contract.state IN ('active', 'settlement') AND milestone.date_planned < %(day)s
                       AND milestone.is_covered IS NOT TRUE
                       AND (milestone.anchor NOT IN ('predecessor', 'invoice') OR before.state IS DISTINCT FROM 'pending'))
        ),
        grouped AS (
            SELECT kind, obligor, month, team_id, template_id, partner_id, grouping(kind, month, team_id, template_id, partner_id) AS level,
                   sum(late) AS late, count(*) AS number
              FROM due
          GROUP BY GROUPING SETS (
                   (obligor, kind), (obligor, month), (obligor, team_id), (obligor, template_id), (obligor, partner_id))
        )
        SELECT 'duty', obligor || '/' || kind, late, number FROM grouped WHERE level = 15
         UNION ALL
        SELECT 'month', month::text, late, number FROM grouped WHERE level = 23 AND obligor = 'us'
         UNION ALL
        SELECT 'team', team_id::text, late, number FROM grouped WHERE level = 27 AND obligor = 'us' AND team_id IS NOT NULL
         UNION ALL
        SELECT 'template', template_id::text, late, number
          FROM grouped WHERE level = 29 AND obligor = 'us' AND template_id IS NOT NULL
         UNION ALL
        SELECT 'customer', partner_id::text, late, number FROM grouped WHERE level = 30 AND obligor = 'customer'
         UNION ALL
        SELECT 'product', product_id::text, sum(late), count(*)
          FROM (SELECT DISTINCT due.id, line.product_id, due.late
                  FROM due
                  JOIN fulfilment_milestone_sale_order_line_rel link ON link.fulfilment_milestone_id = due.id
                  JOIN sale_order_line line ON line.id = link.sale_order_line_id
                 WHERE due.obligor = 'us' AND line.product_id IS NOT NULL) delivered
      GROUP BY product_id
        """, companies=list(companies), since=since, day=day,
    ))
    return cr.fetchall()
