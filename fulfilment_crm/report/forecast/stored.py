"""The forecasts as they are kept: replaced for some customers at once, and added up by week."""
from odoo.tools import SQL

COLUMNS = (
    'ids', 'companies', 'partners', 'users', 'dues', 'amounts', 'paid', 'late', 'kinds', 'days', 'likely', 'low', 'high', 'chances',
    'weeks',
)


def forget(cr, ledger, partners):
    """Remove the forecasts of customers."""
    cr.execute(SQL(
        "DELETE FROM fulfilment_payment_forecast WHERE company_id = ANY(%s) AND partner_id = ANY(%s)", ledger.companies, partners,
    ))


def keep(cr, day, rule, rows):
    """Write forecasts by one statement.

    :param date day: the evening they were made for
    :param rows: tuples of journal item, company, customer, user, due date, amount, payments, late ones, kind and day of the run, likely,
        earliest and latest day, chance to be late, and the likelihoods by week as JSON; days as ordinals
    """
    columns = dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
    cr.execute(SQL(
        """
        INSERT INTO fulfilment_payment_forecast (
               move_line_id, move_name, company_id, partner_id, user_id, as_of, rule, date_due, amount, paid_count, paid_late_count,
               run_kind, run_day, date_likely, date_low, date_high, late_probability, weeks)
        SELECT new.line_id, line.move_name, new.company_id, new.partner_id, new.user_id, %(day)s, %(rule)s,
               DATE '0001-01-01' + (due - 1), new.amount, paid, paid_late, run_kind, run_day, DATE '0001-01-01' + (likely - 1),
               DATE '0001-01-01' + (low - 1), DATE '0001-01-01' + (high - 1), late, weeks::jsonb
          FROM unnest(%(ids)s::int[], %(companies)s::int[], %(partners)s::int[], %(users)s::int[], %(dues)s::int[],
               %(amounts)s::numeric[], %(paid)s::int[], %(late)s::int[], %(kinds)s::text[], %(days)s::int[], %(likely)s::int[],
               %(low)s::int[], %(high)s::int[], %(chances)s::float8[], %(weeks)s::text[])
               AS new (line_id, company_id, partner_id, user_id, due, amount, paid, paid_late, run_kind, run_day, likely, low, high,
                       late, weeks)
          JOIN account_move_line line ON line.id = new.line_id
        """, day=day, rule=rule, **columns,
    ))


def weeks(cr, ledger):
    """Remove what is not of the day, and add up the rest by week.

    What a customer pays in a week comes or does not come as one: its deviations add up, those of several customers by their squares.

    :return: ``{(company, number of the week): (amount, standard deviation)}``
    """
    cr.execute(SQL(
        "DELETE FROM fulfilment_payment_forecast WHERE company_id = ANY(%s) AND as_of <> %s", ledger.companies, ledger.day,
    ))
    cr.execute(SQL("DELETE FROM fulfilment_cash_forecast WHERE company_id = ANY(%s)", ledger.companies))
    cr.execute(SQL(
        """
        WITH by_customer AS (
            SELECT forecast.company_id, forecast.partner_id, week.number, sum(forecast.amount * week.share) AS amount,
                   sum(forecast.amount::float8 * sqrt(GREATEST(week.share * (1 - week.share), 0))) AS deviation
              FROM fulfilment_payment_forecast forecast
        CROSS JOIN LATERAL (
                   SELECT number, share::float8::numeric AS share
                     FROM jsonb_array_elements_text(forecast.weeks) WITH ORDINALITY AS week (share, number)
                   ) week
             WHERE forecast.company_id = ANY(%s) AND week.share > 0
          GROUP BY 1, 2, 3
        )
        SELECT company_id, number, sum(amount), sqrt(sum(deviation ^ 2)) FROM by_customer GROUP BY 1, 2
        """, ledger.companies,
    ))
    return {(company, number): (amount, spread) for company, number, amount, spread in cr.fetchall()}
