from odoo import api, fields, models
from odoo.tools import SQL

from ...models.profile.figure import FigureFloat

READ = {
    'fulfilment.contract': [
        'amount_total', 'commercial_partner_id', 'company_id', 'date_signed', 'date_start', 'settled_on', 'state', 'team_id', 'template_id',
        'type_id', 'user_id',
    ],
    'fulfilment.milestone': ['contract_id', 'obligor', 'on_time', 'state'],
    'fulfilment.amendment': ['contract_id', 'state'],
    'fulfilment.breach': ['contract_id', 'party', 'state'],
    'fulfilment.damages': ['amount_due', 'contract_id', 'debtor', 'state'],
    'fulfilment.review': ['contract_id', 'kind', 'score', 'stage', 'state'],
}


class FulfilmentContractResultMixin(models.AbstractModel):
    """What became of contracts that have ended."""
    _name = 'fulfilment.contract.result.mixin'
    _description = 'Result of contracts'

    contract_id = fields.Many2one('fulfilment.contract', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    type_id = fields.Many2one('fulfilment.contract.type', string="Contract type", readonly=True)
    template_id = fields.Many2one('fulfilment.contract.template', readonly=True)
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True)
    user_id = fields.Many2one('res.users', string="Responsible", readonly=True)
    team_id = fields.Many2one('crm.team', string="Sales team", readonly=True)
    ended_on = fields.Date(readonly=True)
    is_terminated = fields.Boolean(string="Terminated", readonly=True)
    contract_count = fields.Integer(string="Contracts that ended", readonly=True)
    days = fields.Integer(string="Days from signing to the end", readonly=True, aggregator='avg')
    rate_us = FigureFloat(string="Ours on time (%)", readonly=True, aggregator='avg', digits=(5, 2))
    rate_customer = FigureFloat(string="Theirs on time (%)", readonly=True, aggregator='avg', digits=(5, 2))
    amendment_count = fields.Integer(string="Amendments", readonly=True, aggregator='avg')
    breach_us = fields.Integer(string="Breaches of ours", readonly=True)
    breach_customer = fields.Integer(string="Breaches of theirs", readonly=True)
    damages_share = FigureFloat(string="Our damages (% of the contract)", readonly=True, aggregator='avg', digits=(7, 3))
    score = FigureFloat(string="Final evaluation", readonly=True, aggregator='avg', digits=(5, 2))

    @api.model
    def _ended(self):
        """Return the statement that has one row for each contract that ended."""
        return SQL(
            """
            SELECT contract.id, contract.id AS contract_id, contract.company_id, contract.type_id, contract.template_id,
                   contract.commercial_partner_id AS partner_id, contract.user_id, contract.team_id, contract.settled_on AS ended_on,
                   contract.state = 'terminated' AS is_terminated, 1 AS contract_count,
                   contract.settled_on - COALESCE(contract.date_signed, contract.date_start) AS days,
                   done.rate_us, done.rate_customer, amended.number AS amendment_count, broken.us AS breach_us,
                   broken.customer AS breach_customer,
                   CASE WHEN contract.amount_total > 0 THEN 100.0 * owed.amount / contract.amount_total END AS damages_share, judged.score
              FROM fulfilment_contract contract
        CROSS JOIN LATERAL (
                   SELECT 100.0 * avg((on_time = 'yes')::int) FILTER (WHERE obligor = 'us') AS rate_us,
                          100.0 * avg((on_time = 'yes')::int) FILTER (WHERE obligor = 'customer') AS rate_customer
                     FROM fulfilment_milestone WHERE contract_id = contract.id AND state = 'done' AND on_time IS NOT NULL) done
        CROSS JOIN LATERAL (
                   SELECT count(*) AS number FROM fulfilment_amendment WHERE contract_id = contract.id AND state = 'applied') amended
        CROSS JOIN LATERAL (
                   SELECT count(*) FILTER (WHERE party = 'us') AS us, count(*) FILTER (WHERE party = 'customer') AS customer
                     FROM fulfilment_breach WHERE contract_id = contract.id AND state != 'withdrawn') broken
        CROSS JOIN LATERAL (
                   SELECT COALESCE(sum(amount_due), 0) AS amount
                     FROM fulfilment_damages WHERE contract_id = contract.id AND debtor = 'us' AND state != 'waived') owed
         LEFT JOIN LATERAL (
                   SELECT score FROM fulfilment_review
                    WHERE contract_id = contract.id AND kind = 'stage' AND stage = 'settlement' AND state IN ('reported', 'closed')
                 ORDER BY id DESC LIMIT 1) judged ON TRUE
             WHERE contract.state IN ('closed', 'terminated')
            """
        )

    @api.model
    def _told_results(self, domain, groupby):
        """Tell what became of the contracts of each template or clause in a sentence: ``{record: text}``."""
        texts = {}
        for record, number, ours, theirs, breaches in self._read_group(
            domain, [groupby], ['contract_count:sum', 'rate_us:avg', 'rate_customer:avg', 'breach_us:sum'],
        ):
            texts[record] = self.env._(
                "%(number)s contracts ended: ours on time %(ours)s %%, theirs %(theirs)s %%, %(breaches)s breaches of ours.", number=number,
                ours='–' if ours is None else f'{ours:.0f}', theirs='–' if theirs is None else f'{theirs:.0f}', breaches=breaches,
            )
        return texts


class FulfilmentContractResult(models.Model):
    """Results by template, type and responsible."""
    _name = 'fulfilment.contract.result'
    _description = 'Result of a contract'
    _inherit = ['fulfilment.contract.result.mixin']
    _auto = False
    _order = 'ended_on desc, id desc'
    _rec_name = 'contract_id'
    _depends = READ

    @property
    def _table_query(self):
        return self._ended()


class FulfilmentClauseResult(models.Model):
    """Results by clause of the library and its version: a contract counts for each clause it had."""
    _name = 'fulfilment.clause.result'
    _description = 'Result of a clause'
    _inherit = ['fulfilment.contract.result.mixin']
    _auto = False
    _order = 'ended_on desc, id desc'
    _rec_name = 'clause_id'
    _depends = {**READ, 'fulfilment.contract.clause': ['clause_id', 'contract_id'], 'fulfilment.clause': ['version']}

    clause_id = fields.Many2one('fulfilment.clause', string="Clause of the library", readonly=True)
    version = fields.Integer(readonly=True, aggregator=None)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT own.id, ended.contract_id, ended.company_id, ended.type_id, ended.template_id, ended.partner_id, ended.user_id,
                   ended.team_id, ended.ended_on, ended.is_terminated, ended.contract_count, ended.days, ended.rate_us,
                   ended.rate_customer, ended.amendment_count, ended.breach_us, ended.breach_customer, ended.damages_share, ended.score,
                   own.clause_id, clause.version
              FROM (%s) ended
              JOIN fulfilment_contract_clause own ON own.contract_id = ended.contract_id
              JOIN fulfilment_clause clause ON clause.id = own.clause_id
            """, self._ended(),
        )


class FulfilmentContractTemplate(models.Model):
    _inherit = 'fulfilment.contract.template'

    results = fields.Char(string="What became of it", compute='_compute_results')

    @api.depends_context('lang', 'allowed_company_ids', 'uid')
    def _compute_results(self):
        texts = self.env['fulfilment.contract.result']._told_results([('template_id', 'in', self.ids)], 'template_id')
        for one in self:
            one.results = texts.get(one, False)


class FulfilmentClause(models.Model):
    _inherit = 'fulfilment.clause'

    results = fields.Char(string="What became of it", compute='_compute_results')

    @api.depends_context('lang', 'allowed_company_ids', 'uid')
    def _compute_results(self):
        texts = self.env['fulfilment.clause.result']._told_results([('clause_id', 'in', self.ids)], 'clause_id')
        for one in self:
            one.results = texts.get(one, False)
