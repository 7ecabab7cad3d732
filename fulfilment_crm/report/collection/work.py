from odoo import api, fields, models
from odoo.tools import SQL

from ...models.profile.scope import MONEY_JOURNALS
from ...tools.shown_date import shown_date

UNKNOWN = 0.5  # likelihood of paying late of whom nothing is known


class FulfilmentCollectionWork(models.Model):
    """Whom to call first: customers with something overdue that may be asked for, by amount × likelihood of being late × days."""
    _name = 'fulfilment.collection.work'
    _description = 'Customer to be called'
    _auto = False
    _order = 'rank desc, id'
    _rec_name = 'partner_id'
    _depends = {
        'account.move.line': [
            'account_id', 'amount_residual', 'balance', 'company_id', 'date_maturity', 'journal_id', 'parent_state', 'partner_id',
            'reconciled',
        ],
        'fulfilment.instalment.hold': ['amount', 'date_from', 'date_to', 'move_line_id'],
        'fulfilment.payment.promise': ['company_id', 'date_promised', 'partner_id', 'state'],
        'fulfilment.profile': ['company_id', 'partner_id', 'user_id', 'on_time_payment_rate', 'payment_count'],
        'fulfilment.reminder': ['company_id', 'customer_id', 'state', 'step_id'],
        'res.partner': ['commercial_partner_id'],
    }

    profile_id = fields.Many2one('fulfilment.profile', readonly=True)
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True)
    phone = fields.Char(related='partner_id.phone')
    email = fields.Char(related='partner_id.email')
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    user_id = fields.Many2one('res.users', string="Responsible", readonly=True)
    amount = fields.Monetary(string="To be asked for", readonly=True, help="Overdue, less what is disputed or promised.")
    days = fields.Integer(string="Days overdue", readonly=True, aggregator='max')
    number = fields.Integer(string="Instalments in it", readonly=True)
    likelihood = fields.Float(
        string="Likelihood to be late", readonly=True, aggregator='avg', digits=(3, 2),
        help="Share of the instalments judged that were not paid on time; one half where nothing is known.",
    )
    rank = fields.Float(string="Urgency", readonly=True, digits=(16, 0), help="Amount × likelihood to be late × days overdue.")
    call_count = fields.Integer(string="Calls to be made", readonly=True, help="That strategies ask for.")
    date_promised = fields.Date(string="Next promise", readonly=True)
    broken_count = fields.Integer(string="Promises not kept", readonly=True)
    explanation = fields.Char(string="Why now", compute='_compute_explanation')
    interaction_ids = fields.Many2many('fulfilment.interaction', string="Last contacts", compute='_compute_known')
    promise_ids = fields.Many2many('fulfilment.payment.promise', string="Promises", compute='_compute_known')
    dispute_ids = fields.Many2many('fulfilment.dispute', string="Disputes", compute='_compute_known')
    instructions = fields.Text(string="What the strategy says", compute='_compute_known')

    @property
    def _table_query(self):
        # safe: which accounts and journals there are, and which day it is where; rows are for the rules of access to tell
        known = self.env['account.account'].sudo()
        accounts = known.with_context(active_test=False).search([('account_type', '=', 'asset_receivable')])
        journals = known.env['account.journal'].with_context(active_test=False).search([('type', 'in', MONEY_JOURNALS)])
        companies = known.env['res.company'].with_context(active_test=False).search([])
        today = companies._fulfilment_today()
        own = SQL(", ").join(SQL("(%s, %s, %s::date)", company.id, company.root_id.id, today[company]) for company in companies)
        return SQL(
            """
            SELECT owed.*, owed.amount * owed.likelihood * owed.days AS rank
              FROM (
                SELECT profile.id, profile.id AS profile_id, profile.partner_id, profile.company_id, profile.user_id,
                       sum(line.asked) AS amount, max(line.days) AS days, count(*) AS number,
                       COALESCE(1 - profile.on_time_payment_rate / 100, %(unknown)s) AS likelihood,
                       (SELECT count(*) FROM fulfilment_reminder call
                         WHERE call.customer_id = profile.partner_id AND call.state = 'to_call' AND call.company_id = ANY(
                               ARRAY(SELECT company_id FROM (VALUES %(own)s) AS mine (company_id, root_id, today)
                                      WHERE mine.root_id = profile.company_id))) AS call_count,
                       (SELECT min(date_promised) FROM fulfilment_payment_promise promise
                         WHERE promise.partner_id = profile.partner_id AND promise.state = 'open' AND promise.company_id = ANY(
                               ARRAY(SELECT company_id FROM (VALUES %(own)s) AS mine (company_id, root_id, today)
                                      WHERE mine.root_id = profile.company_id))) AS date_promised,
                       (SELECT count(*) FROM fulfilment_payment_promise promise
                         WHERE promise.partner_id = profile.partner_id AND promise.state IN ('broken', 'partly')
                           AND promise.company_id = ANY(
                               ARRAY(SELECT company_id FROM (VALUES %(own)s) AS mine (company_id, root_id, today)
                                      WHERE mine.root_id = profile.company_id))) AS broken_count
                  FROM (
                    SELECT partner.commercial_partner_id, own.root_id, own.today - line.date_maturity AS days,
                           line.amount_residual - LEAST(line.amount_residual, COALESCE((
                               SELECT sum(hold.amount * line.balance / NULLIF(line.amount_currency, 0)) FROM fulfilment_instalment_hold hold
                                WHERE hold.move_line_id = line.id AND hold.date_from <= own.today
                                  AND (hold.date_to IS NULL OR hold.date_to >= own.today)), 0)) AS asked
                      FROM account_move_line line
                      JOIN res_partner partner ON partner.id = line.partner_id
                      JOIN (VALUES %(own)s) AS own (company_id, root_id, today) ON own.company_id = line.company_id
                     WHERE line.account_id = ANY(%(accounts)s) AND line.parent_state = 'posted' AND line.balance > 0
                       AND line.reconciled IS NOT TRUE AND line.journal_id != ALL(%(journals)s) AND line.date_maturity < own.today
                       ) line
                  JOIN fulfilment_profile profile
                       ON profile.partner_id = line.commercial_partner_id AND profile.company_id = line.root_id
                 WHERE line.asked > 0.005
              GROUP BY profile.id
                   ) owed
            """, accounts=accounts.ids, journals=journals.ids, own=own, unknown=UNKNOWN,
        )

    @api.depends('amount', 'days', 'broken_count', 'profile_id')
    @api.depends_context('lang')
    def _compute_explanation(self):
        for work in self:
            profile = work.profile_id
            said = [
                self.env._("%s overdue since yesterday", work.currency_id.format(work.amount)) if work.days == 1 else
                self.env._("%(amount)s overdue up to %(days)s days", amount=work.currency_id.format(work.amount), days=work.days)
            ]
            if profile.payment_count and profile.on_time_payment_rate is not None:
                late = round(profile.payment_count * (1 - profile.on_time_payment_rate / 100))
                said.append(self.env._("paid late %(late)s of %(all)s", late=late, all=profile.payment_count))
            if work.broken_count:
                said.append(self.env._("promises not kept: %s", work.broken_count))
            if work.date_promised:
                said.append(self.env._("promised for %s", shown_date(self.env, work.date_promised)))
            work.explanation = '; '.join(said)

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_known(self):
        for work in self:
            customer, company = ('partner_id', '=', work.partner_id.id), ('company_id', 'child_of', work.company_id.id)
            work.interaction_ids = self.env['fulfilment.interaction'].search(
                [('commercial_partner_id', '=', work.partner_id.id), company], limit=5,
            )
            work.promise_ids = self.env['fulfilment.payment.promise'].search([customer, company], limit=5)
            work.dispute_ids = self.env['fulfilment.dispute'].search([customer, company], limit=5)
            calls = self.env['fulfilment.reminder'].search(
                [('customer_id', '=', work.partner_id.id), company, ('state', '=', 'to_call')],
            )
            work.instructions = '\n'.join(filter(None, calls.step_id.mapped('instructions')))

    # === ACTIONS === #

    def action_call(self):
        """Open the dialog in which what came of a call is taken down."""
        self.ensure_one()
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("What came of the call"), 'res_model': 'fulfilment.collection.call',
            'view_mode': 'form', 'target': 'new', 'context': {
                'default_profile_id': self.profile_id.id, 'default_amount': self.amount, 'default_company_id': self.company_id.id,
            },
        }

    def action_open_customer(self):
        """Open the profile of the customer."""
        self.ensure_one()
        return self.profile_id._get_records_action()

    def action_open_instalments(self):
        """Open what the customer owes."""
        self.ensure_one()
        self.check_access('read')
        return self.env['fulfilment.instalment']._of_customer(self.partner_id, self.company_id)
