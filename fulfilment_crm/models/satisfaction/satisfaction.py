from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.shown_date import shown_date
from ..profile.figure import FigureFloat
from .survey_answer import judged

LEVELS = [('very', "Very satisfied"), ('fairly', "Fairly satisfied"), ('dissatisfied', "Dissatisfied")]


class FulfilmentSatisfaction(models.Model):
    """What a customer thinks of us: one result for each finished answer of a survey, made from Odoo's own answers and changed by
    nobody.
    """
    _name = 'fulfilment.satisfaction'
    _description = 'Satisfaction of a customer'
    _inherit = ['fulfilment.guard.mixin', 'fulfilment.once.mixin']
    _order = 'date desc, id desc'

    # Whose
    user_input_id = fields.Many2one(
        'survey.user_input', string="Answer", required=True, readonly=True, index=True, ondelete='cascade',
        groups='survey.group_survey_user', guarded=True,
    )
    request_id = fields.Many2one('fulfilment.survey.request', readonly=True, index='btree_not_null', ondelete='set null', guarded=True)
    partner_id = fields.Many2one(
        'res.partner', string="Participant", required=True, readonly=True, index=True, ondelete='cascade', guarded=True,
    )
    commercial_partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, readonly=True, index=True, ondelete='cascade', guarded=True,
    )
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade', guarded=True)
    contract_id = fields.Many2one('fulfilment.contract', readonly=True, index='btree_not_null', ondelete='set null', guarded=True)
    product_id = fields.Many2one(
        'product.product', readonly=True, index='btree_not_null', ondelete='set null', help="That of the contract, where it has only one.",
        guarded=True,
    )
    tier_id = fields.Many2one(
        'fulfilment.tier', string="Tier then", readonly=True, index='btree_not_null', ondelete='set null', guarded=True,
    )
    user_id = fields.Many2one(
        'res.users', string="Responsible then", readonly=True, index='btree_not_null', ondelete='set null', guarded=True,
    )
    # When and how
    date = fields.Date(required=True, readonly=True, index=True, guarded=True)
    source = fields.Selection([('mail', "By mail"), ('phone', "By phone")], required=True, readonly=True, default='mail', guarded=True)
    entered_by_id = fields.Many2one(
        'res.users', string="Entered by", readonly=True, ondelete='set null', help="Who took the answer by phone, in the customer's name.",
        guarded=True,
    )
    # What
    quality = FigureFloat(string="Product quality", readonly=True, digits=None, help="From 1 to 5; empty when skipped.", guarded=True)
    response = FigureFloat(string="Service response", readonly=True, digits=None, help="From 1 to 5; empty when skipped.", guarded=True)
    cooperation = FigureFloat(
        string="Cooperation experience", readonly=True, digits=None, help="From 1 to 5; empty when skipped.", guarded=True,
    )
    value = FigureFloat(string="Value for money", readonly=True, digits=None, help="From 1 to 5; empty when skipped.", guarded=True)
    average = FigureFloat(
        string="Mean", required=True, readonly=True, digits=None,
        help="Of the dimensions answered, not rounded: the level follows from it. Shown with two decimals.", guarded=True,
    )
    level = fields.Selection(LEVELS, required=True, readonly=True, index=True, guarded=True)
    comment = fields.Text(readonly=True, guarded=True)
    # What follows
    is_followed_up = fields.Boolean(readonly=True, help="What the result calls for has been started.", guarded=True)
    improvement_ids = fields.One2many('fulfilment.improvement', 'satisfaction_id', string="Improvement actions", guarded=True)
    loyalty_ids = fields.One2many('fulfilment.loyalty.proposal', 'satisfaction_id', string="Proposals", guarded=True)

    _answer_unique = models.UniqueIndex('(user_input_id)', "This answer has its result already.")
    _customer_idx = models.Index('(commercial_partner_id, company_id, date)')
    _to_follow_idx = models.Index('(id) WHERE is_followed_up IS NOT TRUE')

    @api.depends('commercial_partner_id', 'date')
    def _compute_display_name(self):
        for result in self:
            result.display_name = f'{result.commercial_partner_id.display_name or ""}, {shown_date(self.env, result.date)}'

    # === MAKING === #

    @api.model
    def _make(self, answers, marks):
        """Results of finished answers of customers.

        :param answers: ``survey.user_input``
        :param dict marks: ``{answer: [(dimension, mark)]}``
        :return: the results that are new
        """
        requests = dict.fromkeys(answers, self.env['fulfilment.survey.request'])
        requests.update({request.user_input_id: request for request in answers.fulfilment_request_ids})
        homes = {answer: requests[answer].company_id or self._company_of(answer) for answer in answers}
        profiles = self.env['fulfilment.profile'].search(
            Domain('partner_id', 'in', answers.partner_id.commercial_partner_id.ids)
            & Domain('company_id', 'in', [company.root_id.id for company in homes.values()]),
        )
        profile_of = {(profile.partner_id, profile.company_id): profile for profile in profiles}
        today = self.env['res.company'].concat(*homes.values())._fulfilment_today()
        vals_list = []
        for answer in answers:
            request, company = requests[answer], homes[answer]
            customer = request.commercial_partner_id or answer.partner_id.commercial_partner_id
            profile = profile_of.get((customer, company.root_id), self.env['fulfilment.profile'])
            products = request.contract_id.line_ids.product_id
            vals_list.append({
                'claim_key': f'answer {answer.id}', 'user_input_id': answer.id, 'request_id': request.id,
                'partner_id': answer.partner_id.id, 'commercial_partner_id': customer.id, 'company_id': company.id,
                'contract_id': request.contract_id.id, 'product_id': products.id if len(products) == 1 else False,
                'tier_id': profile.tier_id.id,
                'user_id': (request.contract_id.user_id or request.user_id or customer.user_id or profile.user_id).id,
                'date': today[company], 'source': 'phone' if answer.fulfilment_entered_by_id else 'mail',
                'entered_by_id': answer.fulfilment_entered_by_id.id, 'comment': answer._fulfilment_comment(),
                **judged(company, marks[answer]),
            })
        return self._claim(vals_list)

    @api.model
    def _company_of(self, answer):
        """Whose customer a participant is who was not asked by a request: the survey's responsible works there."""
        return (answer.partner_id.commercial_partner_id.company_id or answer.survey_id.user_id.company_id or self.env.company).root_id

    def _correct(self, marks):
        """Bring results in line with answers that were corrected."""
        for result in self:
            answer = result.user_input_id
            vals = {**judged(result.company_id, marks[answer]), 'comment': answer._fulfilment_comment()}
            if any(result[name] != value for name, value in vals.items() if name != 'comment'):
                vals['is_followed_up'] = False
            result.write(vals)
        return self

    # === WHAT FOLLOWS === #

    def _follow_up(self):
        """Start what these results call for: a case, improvement actions, proposals. Each comes once, whatever runs twice."""
        fresh = self.filtered(lambda result: not result.is_followed_up).sorted(lambda result: (result.date, result.id))
        for company, group in fresh.grouped('company_id').items():
            # What is written down for good is written in the language of the company.
            own = group.with_context(lang=company.partner_id.lang or self.env.lang)
            own.filtered(lambda result: result.level == 'dissatisfied')._on_dissatisfied()
            self.env['fulfilment.improvement'].with_env(own.env)._follow(own)
            self.env['fulfilment.loyalty.proposal'].with_env(own.env)._propose(own.filtered(lambda result: result.level == 'very'))
        fresh.is_followed_up = True

    def _on_dissatisfied(self):
        """Follow up on dissatisfied customers; the file of cases says how."""

    def action_open_answer(self):
        """Open the answer itself, as the participant gave it."""
        self.ensure_one()
        self.check_access('read')
        if not self.env.user.has_group('survey.group_survey_user'):
            return False
        return self.user_input_id.action_print_answers()
