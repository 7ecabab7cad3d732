"""What is planned in temporary tables before it is stored: customers, orders, bills, payments, and what settles what."""

# Rhythm, size and discipline are the customer's own: orders come at about equal distances, one in ten customers has gone quiet.
CUSTOMERS = """
    CREATE TEMP TABLE plan_customer AS
    SELECT n, %(partner)s + n AS id, %(partner)s + CASE WHEN n %% 10 = 0 THEN %(count)s + n / 10 ELSE n END AS buyer_id,
        'Customer ' || %(partner)s + n AS name, orders, quiet, (%(days)s - 35 - quiet) / orders * least(0.4 + 2 * random(), 1) AS gap,
        exp(1.6 * (random() + random() + random() - 1.5)) AS size, CASE WHEN random() < 0.1 THEN 0.6 ELSE 0.108 END AS late
    FROM (
        SELECT n, 3 + floor(7 * random())::int AS orders, random() * CASE WHEN random() < 0.1 THEN 500 ELSE 100 END AS quiet
        FROM generate_series(0, %(count)s - 1) n
    ) drawn
"""
# Price: many small, few large (Pareto). Left over: what is ordered and not invoiced yet.
ORDERS = """
    CREATE TEMP TABLE plan_order AS
    SELECT drawn.*, %(order)s - 1 + n AS id, %(order_line)s - 1 + n AS line_id,
        'S' || lpad((%(number)s - 1 + n)::text, greatest(5, length((%(number)s - 1 + n)::text)), '0') AS name
    FROM (
        SELECT row_number() OVER (ORDER BY day, customer) AS n, drawn.* FROM (
            SELECT c.n AS customer, c.id AS partner_id, c.buyer_id, c.late,
                %(today)s - greatest(c.quiet + c.gap * (k + 0.25 * (random() - 0.5)), 0)::int AS day,
                least(round((25 * c.size * (1 - random()) ^ (-1 / 1.6))::numeric, 2), 100000) AS price, random() < 0.3 AS taxed,
                1 + (random() < 0.5)::int + (random() < 0.15)::int AS bills, CASE WHEN random() < 0.1 THEN 2 ELSE 0 END AS left_over
            FROM plan_customer c, generate_series(0, c.orders - 1) k
        ) drawn
    ) drawn
"""
# Paid: when, whether in two parts, what share at first; the credit note: how much of it, and whether it is matched.
BILLS = """
    CREATE TEMP TABLE plan_bill AS
    SELECT row_number() OVER (ORDER BY bill.day, bill.partner_id) AS n, bill.*, bill.day + %(term)s AS due,
        CASE WHEN random() < 0.05 THEN NULL
             WHEN random() < late THEN bill.day + %(term)s + 1 + floor(90 * random() ^ 2)::int
             ELSE bill.day + %(term)s - floor((%(term)s + 1) * random() ^ 3)::int END AS paid,
        CASE WHEN random() < 0.05 THEN 0.4 + 0.2 * random() END AS first_part,
        CASE WHEN random() < 0.02 AND bill.day + 5 <= %(today)s THEN CASE WHEN random() < 0.5 THEN quantity ELSE 1 END END AS credited,
        random() < 0.8 AS matched
    FROM (
        SELECT o.partner_id, o.buyer_id, o.late, o.n AS order_n, o.price, o.taxed, o.day + 2 + 25 * (b - 1) AS day,
            1 + floor(4 * random())::int AS quantity
        FROM plan_order o, generate_series(1, o.bills) b WHERE o.day + 2 + 25 * (b - 1) <= %(today)s
        UNION ALL
        SELECT c.id, c.buyer_id, c.late, NULL, least(round((25 * c.size * (1 - random()) ^ (-1 / 1.6))::numeric, 2), 100000), FALSE,
            %(today)s - floor(%(days)s * random())::int, 1
        FROM plan_customer c, generate_series(1, (random() < 0.6)::int) b
    ) bill
"""
MORE_BILLS = """
    CREATE TEMP TABLE plan_bill AS
    SELECT row_number() OVER (ORDER BY p.id) AS n, p.id AS partner_id, p.id AS buyer_id, NULL::bigint AS order_n,
        round((20 + 200 * random())::numeric, 2) AS price, random() < 0.3 AS taxed, %(today)s AS day, %(today)s + %(term)s AS due,
        1 AS quantity, NULL::date AS paid, NULL::float AS first_part, NULL::int AS credited, FALSE AS matched
    FROM res_partner p WHERE p.id = ANY(%(partners)s)
"""
# The lines of a document have ids in a row: product, tax, receivable.
DOCUMENTS = """
    CREATE TEMP TABLE plan_document AS
    SELECT drawn.*, base + tax AS total, sign * base AS signed_base, sign * tax AS signed_tax, sign * (base + tax) AS signed_total,
        %(move)s - 1 + m AS id, %(line)s + 3 * (m - 1) AS line_id,
        prefix || lpad(number::text, greatest(5, length(number::text)), '0') AS name
    FROM (
        SELECT drawn.*, row_number() OVER (ORDER BY drawn.day, drawn.n) AS m,
            coalesce(taken.number, 0) + row_number() OVER (PARTITION BY drawn.prefix ORDER BY drawn.day, drawn.n) AS number,
            quantity * price AS base, CASE WHEN taxed THEN round(quantity * price * %(rate)s / 100, 2) ELSE 0 END AS tax
        FROM (
            SELECT n, 1 AS sign, 'out_invoice' AS kind, partner_id, buyer_id, order_n, day, due, quantity, price, taxed, TRUE AS matched,
                'INV/' || extract(year FROM day) || '/' AS prefix
            FROM plan_bill
            UNION ALL
            SELECT n, -1, 'out_refund', partner_id, buyer_id, order_n, day + 5, day + 5 + %(term)s, credited, price, taxed, matched,
                'RINV/' || extract(year FROM day + 5) || '/'
            FROM plan_bill WHERE credited IS NOT NULL
        ) drawn
        LEFT JOIN (
            SELECT sequence_prefix AS prefix, max(sequence_number) AS number FROM account_move WHERE journal_id = %(sales)s GROUP BY 1
        ) taken USING (prefix)
    ) drawn
"""
# What is paid is the invoice less its matched credit note, by its date or, in two parts, ten days apart.
PAYMENTS = """
    CREATE TEMP TABLE plan_payment AS
    SELECT drawn.*, %(move)s - 1 + m AS id, %(line)s + 2 * (m - 1) AS line_id,
        prefix || lpad(number::text, greatest(5, length(number::text)), '0') AS name
    FROM (
        SELECT drawn.*, row_number() OVER (ORDER BY drawn.day, drawn.invoice_id) AS m, coalesce(taken.number, 0)
            + row_number() OVER (PARTITION BY drawn.prefix ORDER BY drawn.day, drawn.invoice_id) AS number
        FROM (
            SELECT drawn.*, %(bank)s || extract(year FROM day) || '/' AS prefix FROM ({payments}) drawn
            WHERE amount > 0 AND day <= %(today)s
        ) drawn
        LEFT JOIN (
            SELECT sequence_prefix AS prefix, max(sequence_number) AS number FROM account_move WHERE journal_id = %(journal)s GROUP BY 1
        ) taken USING (prefix)
    ) drawn
"""
PARTS = """
    SELECT invoice.id AS invoice_id, invoice.line_id + 2 AS invoice_line_id, invoice.partner_id, invoice.buyer_id, part.amount,
        greatest(invoice.day, part.day) AS day, invoice.day AS invoice_day
    FROM plan_document invoice
    JOIN plan_bill bill USING (n)
    LEFT JOIN plan_document refund ON refund.n = invoice.n AND refund.sign < 0 AND refund.matched
    CROSS JOIN LATERAL (SELECT invoice.total - coalesce(refund.total, 0) AS net) asked
    CROSS JOIN LATERAL (SELECT coalesce(round((asked.net * bill.first_part)::numeric, 2), 0) AS first) two
    CROSS JOIN LATERAL (VALUES (two.first, bill.paid - 10), (asked.net - two.first, bill.paid)) part (amount, day)
    WHERE invoice.sign > 0 AND bill.paid IS NOT NULL
"""
# The oldest open invoice of each.
OLDER = """
    SELECT DISTINCT ON (line.partner_id) line.move_id AS invoice_id, line.id AS invoice_line_id, line.partner_id,
        move.partner_id AS buyer_id, line.amount_residual AS amount, %(today)s AS day, move.date AS invoice_day
    FROM account_move_line line
    JOIN account_move move ON move.id = line.move_id
    WHERE line.partner_id = ANY(%(partners)s) AND line.display_type = 'payment_term' AND move.move_type = 'out_invoice'
        AND line.parent_state = 'posted' AND line.amount_residual > 0 AND NOT line.reconciled AND line.date < %(today)s
    ORDER BY line.partner_id, line.date_maturity, line.id
"""
PARTIALS = """
    CREATE TEMP TABLE plan_partial AS
    SELECT %(partial)s - 1 + row_number() OVER (ORDER BY day, credit_line_id) AS id, drawn.* FROM (
        SELECT invoice_id, invoice_line_id AS debit_line_id, line_id AS credit_line_id, amount, greatest(day, invoice_day) AS day,
            FALSE AS is_refund
        FROM plan_payment
        UNION ALL
        SELECT invoice.id, invoice.line_id + 2, refund.line_id + 2, refund.total, greatest(invoice.day, refund.day), TRUE
        FROM plan_document refund JOIN plan_document invoice ON invoice.n = refund.n AND invoice.sign > 0
        WHERE refund.sign < 0 AND refund.matched
    ) drawn
"""
SETTLED = """
    CREATE TEMP TABLE plan_settled AS
    SELECT settled.*, coalesce(full_id::text, 'P' || first_id) AS matching FROM (
        SELECT settled.*,
            CASE WHEN residual = 0 THEN %(full)s - 1 + row_number() OVER (ORDER BY residual <> 0, day, invoice_id) END AS full_id
        FROM (
            SELECT p.invoice_id, min(p.id) AS first_id, max(p.day) AS day, bool_or(p.is_refund) AS has_refund,
                asked.total - sum(p.amount) AS residual
            FROM plan_partial p JOIN ({asked}) asked ON asked.id = p.invoice_id
            GROUP BY p.invoice_id, asked.total
        ) settled
    ) settled
"""
# A matched credit note is used up by its invoice; what stays open of an invoice, its payments tell.
MATCHED_DOCUMENTS = """
    SELECT document.*, settled.full_id, settled.matching, invoice.id AS invoice_id, buyer.complete_name AS buyer, o.name AS order_name,
        CASE WHEN settled.invoice_id IS NULL THEN document.total WHEN document.sign < 0 THEN 0 ELSE settled.residual END AS residual,
        CASE WHEN settled.invoice_id IS NULL THEN 'not_paid' WHEN document.sign < 0 THEN 'paid' WHEN settled.residual <> 0 THEN 'partial'
             WHEN settled.has_refund THEN 'reversed' ELSE 'paid' END AS payment_state,
        greatest(%(earliest)s, least(document.day + time '10:00', %(latest)s)) AS created,
        greatest(%(earliest)s, least(greatest(document.day, settled.day) + time '12:00', %(latest)s)) AS written
    FROM plan_document document
    JOIN plan_document invoice ON invoice.n = document.n AND invoice.sign > 0
    JOIN res_partner buyer ON buyer.id = document.buyer_id
    LEFT JOIN plan_order o ON o.n = document.order_n
    LEFT JOIN plan_settled settled ON settled.invoice_id = invoice.id AND document.matched
    WHERE document.kind = %(kind)s AND document.taxed = %(taxed)s
    ORDER BY document.id
"""
MATCHED_PAYMENTS = """
    SELECT payment.*, settled.full_id, settled.matching, buyer.complete_name AS buyer,
        greatest(%(earliest)s, least(payment.day + time '12:00', %(latest)s)) AS created,
        greatest(%(earliest)s, least(greatest(payment.day, settled.day) + time '12:00', %(latest)s)) AS written
    FROM plan_payment payment
    JOIN plan_settled settled USING (invoice_id)
    JOIN res_partner buyer ON buyer.id = payment.buyer_id
    ORDER BY payment.id
"""
INVOICED_ORDERS = """
    SELECT o.*, invoiced, ordered, ordered * price AS base,
        CASE WHEN taxed THEN round(ordered * price * %(rate)s / 100, 2) ELSE 0 END AS tax,
        CASE WHEN ordered = invoiced THEN 'invoiced' ELSE 'to invoice' END AS status,
        least(day + time '09:00', %(latest)s) AS created, least(greatest(day, billed) + time '10:00', %(latest)s) AS written
    FROM plan_order o
    LEFT JOIN (
        SELECT order_n, sum(sign * quantity) AS net, sum(quantity) FILTER (WHERE sign > 0) AS gross, max(day) AS billed
        FROM plan_document GROUP BY 1
    ) bills ON bills.order_n = o.n
    CROSS JOIN LATERAL (SELECT coalesce(net, 0) AS invoiced, greatest(coalesce(gross, 0) + left_over, 1) AS ordered) counted
    ORDER BY o.id
"""
# Invoices that stood before: what a new payment changes of them, of their lines and of what was matched with them.
SETTLE_OLDER = """
    UPDATE account_move_line line SET amount_residual = residual, amount_residual_currency = residual, reconciled = residual = 0,
        write_date = %(latest)s
    FROM plan_settled JOIN plan_payment USING (invoice_id) WHERE line.id = invoice_line_id;
    UPDATE account_move move SET amount_residual = residual, amount_residual_signed = residual, write_date = %(latest)s,
        payment_state = CASE WHEN EXISTS (
            SELECT FROM account_move_line line JOIN account_partial_reconcile p ON p.debit_move_id = line.id
            JOIN account_move_line other ON other.id = p.credit_move_id JOIN account_move refund ON refund.id = other.move_id
            WHERE line.move_id = move.id AND refund.move_type = 'out_refund'
        ) THEN 'reversed' ELSE 'paid' END
    FROM plan_settled WHERE move.id = plan_settled.invoice_id;
    UPDATE account_partial_reconcile p SET full_reconcile_id = full_id
    FROM plan_settled JOIN plan_payment USING (invoice_id) WHERE p.debit_move_id = invoice_line_id;
    UPDATE account_move_line line SET full_reconcile_id = full_id, matching_number = matching
    FROM plan_settled JOIN plan_payment USING (invoice_id) JOIN account_partial_reconcile p ON p.debit_move_id = invoice_line_id
    WHERE line.id IN (p.debit_move_id, p.credit_move_id)
"""
