from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...tools import markup
from ...tools.as_of import AsOf
from ..base.binding import binding
from ..base.opening import open_list
from ..profile.figure import FigureFloat
from .review_plan import AREAS

MODELS = [
    ('fulfilment.contract', "Contracts"), ('fulfilment.milestone', "Milestones"), ('fulfilment.contract.clause', "Clauses of contracts"),
    ('fulfilment.approval', "Approvals"), ('fulfilment.amendment', "Amendments"), ('fulfilment.profile', "Customers"),
    ('fulfilment.interaction', "Interactions"), ('fulfilment.care.task', "Care owed"), ('fulfilment.ticket', "Tickets"),
    ('fulfilment.improvement', "Improvement actions"), ('fulfilment.alert', "Alerts"), ('fulfilment.risk', "Risks"),
    ('fulfilment.payment.promise', "Promises to pay"), ('fulfilment.dispute', "Disputes"), ('fulfilment.breach', "Breach cases"),
    ('fulfilment.review', "Reviews"), ('fulfilment.finding', "Findings"), ('fulfilment.reward.grant', "Rewards granted"),
    ('fulfilment.file.change', "Changes of customer files"),
]
SHOWN = 30  # days of the trend


class FulfilmentProcessCheck(models.Model):
    """What should never be so: how many records it could be true of, and how many it is true of, every night."""
    _name = 'fulfilment.process.check'
    _description = 'Process check'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread', 'fulfilment.condition.mixin']

    area = fields.Selection(AREAS, required=True, default='contract', index=True, tracking=True)
    description = fields.Char(translate=True, tracking=True, help="Why it should not be so.")
    model = fields.Selection(MODELS, string="Looks at", required=True, default='fulfilment.contract', tracking=True)
    population = fields.Char(string="Which records are looked at", default='[]', tracking=True, help="All when empty.")
    domain = fields.Char(string="What is wrong", default='[]', tracking=True, help="Those of them that this is true of are exceptions.")
    user_id = fields.Many2one(
        'res.users', string="Owner", ondelete='set null', tracking=True, domain="[('share', '=', False)]",
        help="Gets the findings about records nobody is responsible for.",
    )
    finding_limit = fields.Integer(
        string="Findings at most", default=50, tracking=True,
        help="How many findings of it are open at the same time in a company, the oldest records first. 0: it counts only.",
    )
    finding_ids = fields.One2many('fulfilment.finding', 'check_id', string="Findings")

    # How it stands, for the companies the user works in
    last_date = fields.Date(string="Looked at", compute='_compute_last')
    last_population = fields.Integer(string="Population", compute='_compute_last')
    last_exceptions = fields.Integer(string="Exceptions", compute='_compute_last')
    last_rate = FigureFloat(string="Exceptions (%)", compute='_compute_last', digits=(5, 2), help="– where there is nothing to look at.")
    exceptions_since = fields.Date(string="Since", compute='_compute_last', help="The first night in a row with exceptions.")
    trend = fields.Html(compute='_compute_last', sanitize=False)
    finding_count = fields.Integer(string="Open findings", compute='_compute_finding_count')

    _limit_check = models.Constraint('CHECK(finding_limit BETWEEN 0 AND 10000)', "Between none and 10,000 findings.")

    @api.constrains('population', 'model')
    def _check_population(self):
        for check in self:
            try:
                # safe: asks the database to see whether the condition is valid; nothing is shown
                with self.env.cr.savepoint():
                    self.env[check.model].sudo().search_count(list(check._population()), limit=1)
            except Exception as error:  # any fault of a typed condition is told to who typed it
                raise ValidationError(self.env._(
                    "The population of “%(check)s” cannot be searched: %(error)s", check=check.display_name, error=error,
                )) from error

    @api.depends_context('allowed_company_ids')
    def _compute_last(self):
        rows = self.env['fulfilment.process.check.result']._read_group(
            [('check_id', 'in', self.ids), ('company_id', 'in', self.env.companies.ids), ('date', '>', fields.Date.subtract(
                fields.Date.context_today(self), days=2 * SHOWN,
            ))], ['check_id', 'date:day'], ['population:sum', 'exceptions:sum'], order='date:day desc',
        )
        found = {}
        for check, day, population, exceptions in rows:
            found.setdefault(check, []).append((fields.Date.to_date(day), population, exceptions))
        for check in self:
            nights = found.get(check, [])
            check.update({
                'last_date': nights[0][0] if nights else False, 'last_population': nights[0][1] if nights else 0,
                'last_exceptions': nights[0][2] if nights else 0, 'exceptions_since': False,
                'last_rate': 100 * nights[0][2] / nights[0][1] if nights and nights[0][1] else None,
                'trend': _trend(self.env, nights[:SHOWN][::-1]),
            })
            for day, _population, exceptions in nights:
                if not exceptions:
                    break
                check.exceptions_since = day

    @api.depends('finding_ids.state')
    def _compute_finding_count(self):
        counts = dict(self.env['fulfilment.finding']._read_group(
            [('check_id', 'in', self.ids), ('state', 'in', ('open', 'in_work', 'done'))], ['check_id'], ['__count'],
        ))
        for check in self:
            check.finding_count = counts.get(check, 0)

    # === ACTIONS === #

    def action_open_exceptions(self):
        """Open the records the check shows now, of those the user may read."""
        self.ensure_one()
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window', 'name': self.name, 'res_model': self.model, 'view_mode': 'list,form',
            'domain': list(self._exceptions() & Domain('company_id', 'in', self.env.companies.ids)), 'context': {'create': False},
        }

    def action_open_findings(self):
        """Open the findings of the check."""
        self.ensure_one()
        return open_list(self, 'finding_action', [('check_id', '=', self.id)], search_default_open=1)

    def action_open_results(self):
        """Open the results night by night."""
        self.ensure_one()
        return open_list(self, 'process_check_result_action', [('check_id', '=', self.id)])

    # === BUSINESS METHODS === #

    def _population(self):
        """Return the condition of what is looked at.

        :raise Exception: whatever is wrong with what was typed
        """
        self.ensure_one()
        return Domain(literal_eval((self.population or '[]').strip()))

    def _exceptions(self):
        self.ensure_one()
        return self._population() & self._parsed_domain()

    def _shown(self, record):
        """Tell whether the check shows a record today.

        :param record: one record of the check's model, as superuser
        """
        self.ensure_one()
        if record._name != self.model:
            return False
        # Independent of the caller's context: no call from outside sets the clock back.
        asked, records = self.env.context.get('as_of'), binding(record.browse())
        if isinstance(asked, AsOf):
            records = records.with_context(as_of=asked)
        return bool(records.search_count(self._exceptions() & Domain('id', '=', record.id), limit=1))

    def _key(self, record_id):
        """Return the claim of the finding about a record, for as long as the check shows it."""
        return f'check {self.id}: {self.model},{record_id}'


class FulfilmentProcessCheckResult(models.Model):
    """What a check counted in a company on a day."""
    _name = 'fulfilment.process.check.result'
    _description = 'Result of a check'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'date desc, check_id'
    _rec_name = 'check_id'

    check_id = fields.Many2one('fulfilment.process.check', required=True, readonly=True, index=True, ondelete='cascade')
    area = fields.Selection(related='check_id.area', store=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade')
    date = fields.Date(required=True, readonly=True, index=True)
    population = fields.Integer(readonly=True)
    exceptions = fields.Integer(readonly=True)
    rate = FigureFloat(string="Exceptions (%)", readonly=True, aggregator='avg', digits=(5, 2), help="– where there is nothing to look at.")

    _once = models.UniqueIndex('(check_id, company_id, date)', "This was counted already.")


def _trend(env, nights):
    """Draw the exceptions night by night."""
    highest = max((exceptions for _day, _population, exceptions in nights), default=0)
    if not highest:
        return False
    columns = [
        (position * 6, 4, round(28 * exceptions / highest), '#dc3545', f'{day}: {exceptions}')
        for position, (day, _population, exceptions) in enumerate(nights)
    ]
    return markup.bars(columns, len(nights) * 6, 30, env._("Exceptions night by night"))
