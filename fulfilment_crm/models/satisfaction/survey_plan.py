from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...tools.period import MONTHS, period_name, period_of
from ...tools.profile_domain import parse
from ..base.opening import open_list


class FulfilmentSurveyPlan(models.Model):
    """Who is asked by which survey, how often, and how patiently."""
    _name = 'fulfilment.survey.plan'
    _description = 'Survey plan'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread', 'fulfilment.condition.mixin']
    _condition_model = 'fulfilment.profile'

    survey_id = fields.Many2one(
        'survey.survey', required=True, ondelete='restrict', index=True, tracking=True,
        help="Its questions say on their forms which dimension of satisfaction they ask for.",
    )
    domain = fields.Char(
        string="Whom", default='[]', required=True, tracking=True,
        help="By the figures of the customer profile. Archived customers are left alone.",
    )
    rhythm = fields.Selection(
        [('month', "Monthly"), ('quarter', "Quarterly"), ('half', "Half-yearly"), ('year', "Yearly"), ('none', "Not regularly")],
        default='half', required=True, tracking=True, help="Once in every calendar period.",
    )
    at_contract_end = fields.Boolean(
        string="At contract end", default=True, tracking=True, help="Once a contract, when it passes to settlement or is closed.",
    )
    quiet_days = fields.Integer(
        string="Leave alone for (days)", default=60, tracking=True,
        help="Whoever was asked less than this long ago waits with the regular survey until then.",
    )
    deadline_days = fields.Integer(
        string="Time to answer (days)", default=30, tracking=True,
        help="Afterwards the link is closed. A contract that ended longer ago is not asked about any more.",
    )
    reminder_days = fields.Integer(string="Remind after (days)", default=7, tracking=True)
    reminder_max = fields.Integer(string="Reminders at most", default=2, tracking=True)
    sample_min = fields.Integer(
        string="Smallest sample", default=5, tracking=True, help="A mean of fewer answers is shown with a warning.",
    )
    template_id = fields.Many2one(
        'mail.template', string="Invitation", domain="[('model', '=', 'fulfilment.survey.request')]", ondelete='restrict', tracking=True,
        default=lambda self: self.env.ref('fulfilment_crm.mail_template_survey', raise_if_not_found=False),
    )
    reminder_template_id = fields.Many2one(
        'mail.template', string="Reminder", domain="[('model', '=', 'fulfilment.survey.request')]", ondelete='restrict', tracking=True,
        default=lambda self: self.env.ref('fulfilment_crm.mail_template_survey_reminder', raise_if_not_found=False),
    )
    request_count = fields.Integer(compute='_compute_request_count')

    _days_check = models.Constraint(
        'CHECK(quiet_days >= 0 AND deadline_days >= 1 AND reminder_days >= 1 AND reminder_max >= 0 AND sample_min >= 1)',
        "Days to answer, days between reminders and the smallest sample are at least 1; nothing is negative.",
    )

    @api.depends_context('uid')
    def _compute_request_count(self):
        counts = dict(self.env['fulfilment.survey.request']._read_group([('plan_id', 'in', self.ids)], ['plan_id'], ['__count']))
        for plan in self:
            plan.request_count = counts.get(plan, 0)

    @api.constrains('survey_id')
    def _check_survey(self):
        for plan in self:
            # safe: whether the survey has what a plan needs; only survey users read surveys
            survey = plan.survey_id.sudo()
            if not any(question.fulfilment_dimension for question in survey.question_ids):
                raise ValidationError(self.env._(
                    "No question of “%(survey)s” asks for a dimension of satisfaction: name one on a question of the survey.",
                    survey=survey.title,
                ))
            if survey.users_login_required:
                raise ValidationError(self.env._(
                    "“%(survey)s” asks for a login, which customers need not have: switch that off.", survey=survey.title,
                ))

    def _parsed_domain(self):
        self.ensure_one()
        return parse(self.domain, self.env['fulfilment.profile'])

    def _period(self, day):
        """Return the period a day lies in, by the plan's rhythm: ``(name, first day)``, or None where there is no rhythm."""
        self.ensure_one()
        return (period_name(day, self.rhythm), period_of(day, self.rhythm)[0]) if self.rhythm in MONTHS else None

    def _covers(self, company):
        """Whether the plan is for a company: its own, or a branch of it."""
        self.ensure_one()
        return not self.company_id or self.company_id in company.parent_ids

    def _due_profiles(self, company, day, only=None):
        """Find the customers of a root company whose turn it is.

        :param only: of these profiles
        :rtype: fulfilment.profile
        """
        self.ensure_one()
        turn = self._period(day)
        if not turn or not self._covers(company):
            return self.env['fulfilment.profile']
        name, _first = turn
        asked = Domain('plan_id', '=', self.id) & Domain('company_id', 'child_of', company.id) & (
            Domain('period', '=', name) | Domain('date', '>', fields.Date.subtract(day, days=self.quiet_days))
        )
        # safe: the rules of administrators decide whom to ask, whoever is responsible
        requests = self.env['fulfilment.survey.request'].sudo()._search(asked)
        return self.env['fulfilment.profile'].sudo().search(
            Domain('company_id', '=', company.id) & Domain('partner_id.active', '=', True) & self._parsed_domain()
            & Domain('partner_id', 'not in', requests.subselect('commercial_partner_id'))
            & (Domain.TRUE if only is None else Domain('id', 'in', only.ids)), order='id',
        )

    def _due_contracts(self, company, day, only=None):
        """Find the contracts of a company that have ended and were not asked about, as long as it is not too long ago.

        :param only: of these contracts
        :rtype: fulfilment.contract
        """
        self.ensure_one()
        if not self.at_contract_end or not self._covers(company):
            return self.env['fulfilment.contract']
        # safe: as in _due_profiles
        asked = Domain('plan_id', '=', self.id) & Domain('contract_id', '!=', False)
        requests = self.env['fulfilment.survey.request'].sudo()._search(asked)
        return self.env['fulfilment.contract'].sudo().search(
            Domain('company_id', '=', company.id) & Domain('state', 'in', ('settlement', 'closed'))
            & Domain('settled_on', '<=', day) & Domain('settled_on', '>=', fields.Date.subtract(day, days=self.deadline_days))
            & Domain('commercial_partner_id.active', '=', True) & Domain('id', 'not in', requests.subselect('contract_id'))
            & (Domain.TRUE if only is None else Domain('id', 'in', only.ids)), order='id',
        )

    def action_open_requests(self):
        """Open what was sent by the plan."""
        return open_list(self, 'survey_request_action', [('plan_id', 'in', self.ids)])
