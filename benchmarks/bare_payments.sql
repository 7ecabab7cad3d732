-- The payment figures of all customers as one statement written by hand: what any machinery around them is measured against.
--
-- Open and by age: residuals of receivable lines, net of credit notes and unmatched payments, by their own due dates.
-- Overdue: what customers owe of instalments past due, credits not deducted.
-- Payments: what was matched from a journal of bank, cash or credit card, on the later date of the two matched lines; in 24 months.
-- Late: worst and average (by amount, early counting as negative) of the payments of 12 months; the worst also counts what is overdue.
-- Instalments: fully matched, their last payment within 12 months, and those overdue now; on time is the share of the former by their date.
-- Index: by amount over 24 months, from three payments on.
CREATE TEMP TABLE bare_payments AS
WITH paid AS (
    SELECT partner_id, company_id, count(*) AS payments, sum(amount) AS weight,
        sum(amount * CASE
            WHEN late <= -30 THEN 100
            WHEN late <= -20 THEN 70 - late::float8
            WHEN late <= 0 THEN 80 - late / 2::float8
            WHEN late <= 15 THEN 80 - late * (2 / 3::float8)
            WHEN late <= 22 THEN 70 - (late - 15) * (10 / 7::float8)
            WHEN late <= 30 THEN 60 - (late - 22) * (10 / 8::float8)
            WHEN late <= 120 THEN 50 - (late - 30) / 3::float8
            ELSE 20
        END) AS weighted_index,
        max(late) FILTER (WHERE recent) AS worst,
        sum(amount) FILTER (WHERE recent) AS recent_weight,
        sum(amount * late) FILTER (WHERE recent) AS recent_days,
        count(*) FILTER (WHERE recent AND settles) AS settled,
        count(*) FILTER (WHERE recent AND settles AND late <= 0) AS on_time
    FROM (
        SELECT debit.partner_id, debit.company_id, part.amount::float8 AS amount,
            part.max_date - coalesce(debit.date_maturity, debit.date) AS late,
            part.max_date >= (CURRENT_DATE - interval '12 months')::date AS recent,
            debit.reconciled AND lead(part.id) OVER (PARTITION BY debit.id ORDER BY part.max_date, part.id) IS NULL AS settles
        FROM account_partial_reconcile part
        JOIN account_move_line credit ON credit.id = part.credit_move_id
        JOIN account_move_line debit ON debit.id = part.debit_move_id
        WHERE part.max_date >= (CURRENT_DATE - interval '24 months')::date AND debit.parent_state = 'posted'
            AND debit.account_id = ANY(ARRAY(SELECT id FROM account_account WHERE account_type = 'asset_receivable'))
            AND credit.account_id = ANY(ARRAY(SELECT id FROM account_account WHERE account_type = 'asset_receivable'))
            AND credit.journal_id = ANY(ARRAY(SELECT id FROM account_journal WHERE type IN ('bank', 'cash', 'credit')))
    ) payment
    GROUP BY partner_id, company_id
), open AS (
    SELECT partner_id, company_id, sum(amount) AS amount_open,
        sum(amount) FILTER (WHERE is_debt AND age > 0) AS amount_overdue,
        sum(amount) FILTER (WHERE age <= 0) AS not_due,
        sum(amount) FILTER (WHERE age BETWEEN 1 AND 30) AS days_30,
        sum(amount) FILTER (WHERE age BETWEEN 31 AND 60) AS days_60,
        sum(amount) FILTER (WHERE age BETWEEN 61 AND 90) AS days_90,
        sum(amount) FILTER (WHERE age > 90) AS days_more,
        max(age) FILTER (WHERE is_debt) AS worst,
        count(*) FILTER (WHERE is_debt AND age > 0) AS overdue
    FROM (
        SELECT partner_id, company_id, amount_residual AS amount, balance > 0 AS is_debt,
            CURRENT_DATE - coalesce(date_maturity, date) AS age
        FROM account_move_line
        -- As the index on what is not reconciled says it.
        WHERE reconciled IS NOT TRUE AND parent_state = 'posted'
            AND account_id = ANY(ARRAY(SELECT id FROM account_account WHERE account_type = 'asset_receivable'))
    ) line
    GROUP BY partner_id, company_id
)
-- Per customer and company there is little left by now: only here contacts come to their company.
SELECT partner.commercial_partner_id AS partner_id, figures.company_id,
    coalesce(sum(amount_open), 0) AS amount_open, coalesce(sum(amount_overdue), 0) AS amount_overdue,
    coalesce(sum(not_due), 0) AS not_due, coalesce(sum(days_30), 0) AS days_30, coalesce(sum(days_60), 0) AS days_60,
    coalesce(sum(days_90), 0) AS days_90, coalesce(sum(days_more), 0) AS days_more,
    greatest(max(worst), 0) AS worst_late,
    sum(recent_days) / nullif(sum(recent_weight), 0) AS average_late,
    coalesce(sum(instalments), 0)::int AS instalments,
    sum(on_time)::float8 / nullif(sum(instalments), 0)::float8 AS on_time,
    CASE WHEN sum(payments) >= 3 THEN sum(weighted_index) / nullif(sum(weight), 0) END AS payment_index
FROM (
    SELECT partner_id, company_id, NULL::numeric AS amount_open, NULL::numeric AS amount_overdue, NULL::numeric AS not_due,
        NULL::numeric AS days_30, NULL::numeric AS days_60, NULL::numeric AS days_90, NULL::numeric AS days_more,
        worst, recent_days, recent_weight, settled AS instalments, on_time, payments, weight, weighted_index
    FROM paid
    UNION ALL
    SELECT partner_id, company_id, amount_open, amount_overdue, not_due, days_30, days_60, days_90, days_more,
        worst, NULL, NULL, overdue, 0, NULL, NULL, NULL
    FROM open
) figures
JOIN res_partner partner ON partner.id = figures.partner_id
GROUP BY partner.commercial_partner_id, figures.company_id
