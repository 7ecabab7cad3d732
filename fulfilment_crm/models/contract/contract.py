from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ...tools.amount_words import amount_in_words
from ..base.deletion import before_deletion
from ..base.guard_mixin import MESSAGES, with_defaults, without_unchanged
from .contract_clause import DRAFTING

# While they are so, contracts are not shown to customers.
HIDDEN_STATES = ('draft', 'in_approval', 'cancelled')

STATES = [
    ('draft', "Draft"),
    ('in_approval', "In approval"),
    ('approved', "Approved"),
    ('active', "In performance"),
    ('settlement', "Settlement"),
    ('closed', "Closed"),
    ('terminated', "Terminated"),
    ('cancelled', "Cancelled"),
]
RUNNING = ('active', 'settlement')


class FulfilmentContract(models.Model):
    _name = 'fulfilment.contract'
    _description = 'Contract'
    _inherit = [
        'fulfilment.portal.mixin', 'fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.approval.mixin', 'fulfilment.flow.mixin',
    ]
    _order = 'date_start desc, id desc'
    _check_company_auto = True
    _mail_post_access = 'read'

    # Identity
    name = fields.Char(string="Number", required=True, readonly=True, copy=False, default='/', index='trigram', tracking=True, agreed=True)
    access_token = fields.Char(guarded=True)
    title = fields.Char(help="What the contract is about, in a few words.", tracking=True, agreed=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company, agreed=True)
    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, index=True, tracking=True, check_company=True, ondelete='restrict',
        agreed=True,
    )
    commercial_partner_id = fields.Many2one(
        'res.partner', string="Company of the customer", compute='_compute_commercial_partner_id', store=True, precompute=True, index=True,
        help="When the contract was submitted: a contact who changes employer does not take contracts along.",
    )
    lang = fields.Selection(
        selection='_selection_lang', string="Language", compute='_compute_lang', store=True, readonly=False, precompute=True,
        help="Language the contract is written in.", agreed=True,
    )
    type_id = fields.Many2one(
        'fulfilment.contract.type', required=True, tracking=True, check_company=True, ondelete='restrict', index=True, agreed=True,
    )
    template_id = fields.Many2one(
        'fulfilment.contract.template', check_company=True, ondelete='restrict', index=True, domain="[('type_id', '=', type_id)]",
        agreed=True,
    )
    paper_origin = fields.Selection(
        [('ours', "Our template"), ('customer', "The customer's paper"), ('local', "Local paper")], default='ours', required=True,
        help="Whose wording the contract started from.", for_colleagues=True, agreed=True,
    )

    # People
    user_id = fields.Many2one(
        'res.users', string="Responsible", default=lambda self: self.env.user, index=True, tracking=True, check_company=True
    )
    team_id = fields.Many2one(
        'crm.team', string="Sales team", compute='_compute_team_id', store=True, readonly=False, precompute=True, index=True
    )

    # Dates
    date_signed = fields.Date(string="Signed on", readonly=True, copy=False, tracking=True, guarded=True)
    date_start = fields.Date(string="Start", required=True, default=fields.Date.context_today, tracking=True, agreed=True)
    date_end = fields.Date(string="End", tracking=True, help="Empty: without end.", agreed=True)
    auto_renew = fields.Boolean(
        string="Renew automatically", tracking=True,
        help="A renewal is drafted 30 days before the end; it is approved and signed like any contract. May be changed at any time.",
        for_colleagues=True,
    )
    renew_months = fields.Integer(
        string="Renew for (months)", default=12, tracking=True, help="How long the renewal is to run; twelve months when empty.",
        for_colleagues=True,
    )

    deemed_acceptance_days = fields.Integer(
        string="Deemed accepted after (days)", compute='_compute_deemed_acceptance_days', store=True, precompute=True,
        help="How long the customer may stay silent after a delivery before it counts as accepted: what the contract's clause on "
             "acceptance says, else what its type said when it was drafted. 0: never.",
    )

    # Money
    currency_id = fields.Many2one(
        'res.currency', required=True, ondelete='restrict', tracking=True,
        compute='_compute_currency_id', store=True, readonly=False, precompute=True, agreed=True,
    )
    amount_untaxed = fields.Monetary(
        string="Untaxed amount", compute='_compute_amounts', store=True, readonly=False, precompute=True, agreed=True,
    )
    amount_total = fields.Monetary(
        string="Contract amount", compute='_compute_amounts', store=True, readonly=False, precompute=True, tracking=True,
        help="With taxes: what the customer pays. Of a framework contract: the ceiling.", agreed=True,
    )
    amount_in_words = fields.Char(compute='_compute_amount_in_words')
    payment_term_id = fields.Many2one('account.payment.term', check_company=True, agreed=True)

    # Relations
    is_framework = fields.Boolean(compute='_compute_is_framework', store=True, precompute=True)
    parent_id = fields.Many2one(
        'fulfilment.contract', string="Under contract", index='btree_not_null', ondelete='restrict', tracking=True,
        domain="[('is_framework', '=', True), ('id', '!=', id)]", help="The framework or master contract this one belongs to.",
        agreed=True,
    )
    child_ids = fields.One2many('fulfilment.contract', 'parent_id', string="Local contracts", for_colleagues=True)
    renewed_from_id = fields.Many2one(
        'fulfilment.contract', readonly=True, copy=False, index='btree_not_null', ondelete='set null', guarded=True,
    )
    renewal_ids = fields.One2many(
        'fulfilment.contract', 'renewed_from_id', string="Renewed by", context={'active_test': False},  # archived, it is still there,
        for_colleagues=True,
    )
    sale_order_ids = fields.One2many('sale.order', 'fulfilment_contract_id', string="Orders", for_colleagues=True)
    line_ids = fields.One2many('fulfilment.contract.line', 'contract_id', copy=True, agreed=True)
    clause_ids = fields.One2many('fulfilment.contract.clause', 'contract_id', copy=True, agreed=True)
    milestone_ids = fields.One2many('fulfilment.milestone', 'contract_id')
    amendment_ids = fields.One2many('fulfilment.amendment', 'contract_id', for_colleagues=True)
    finding_ids = fields.One2many('fulfilment.contract.finding', 'contract_id', string="Found by the check", for_colleagues=True)
    author_ids = fields.Many2many(
        'res.users', 'fulfilment_contract_author_rel', string="Worked on by", readonly=True, copy=False,
        help="Who has changed what is agreed, and so does not approve it.", guarded=True, for_colleagues=True,
    )
    note = fields.Html(string="Internal notes", copy=False, groups='base.group_user')

    # State
    state = fields.Selection(
        STATES, default='draft', required=True, readonly=True, copy=False, index=True, tracking=True, group_expand=True, guarded=True,
    )
    _moves = {
        'draft': {'in_approval', 'approved', 'cancelled'},
        'in_approval': {'approved', 'draft', 'cancelled'},
        'approved': {'active', 'draft', 'cancelled'},
        'active': {'settlement', 'terminated'},
        'settlement': {'closed', 'active', 'terminated'},
        'closed': set(),
        'terminated': set(),
        'cancelled': {'draft'},
    }
    end_reason = fields.Text(string="Reason of the end", readonly=True, copy=False, groups='base.group_user', guarded=True)

    checked_on = fields.Datetime(
        string="Checked on", readonly=True, copy=False, help="Empty: not checked yet, or changed since.", guarded=True,
    )

    _to_do_type = 'fulfilment_crm.activity_type_milestone'
    _colleague_fields = MESSAGES

    _dates_in_order = models.Constraint(
        'CHECK(date_end IS NULL OR date_end >= date_start)', "A contract ends on or after the day it starts."
    )
    _renewed_forward = models.Constraint('CHECK(renew_months >= 0)', "A renewal runs for a number of months that is not negative.")
    _name_company_unique = models.UniqueIndex("(name, company_id) WHERE name != '/'", "Another contract of this company has this number.")
    _renewed_once = models.UniqueIndex(
        '(renewed_from_id) WHERE renewed_from_id IS NOT NULL', "This contract has been renewed already: open its renewal instead.",
    )
    _expiry_idx = models.Index("(date_end) WHERE state = 'active'")

    # === COMPUTE METHODS === #

    @api.model
    def _selection_lang(self):
        return self.env['res.lang'].get_installed()

    @api.depends('partner_id')
    def _compute_lang(self):
        installed = {code for code, _name in self._selection_lang()}
        for contract in self:
            lang = contract.partner_id.lang
            contract.lang = contract.lang or (lang if lang in installed else self.env.lang if self.env.lang in installed else False)

    @api.depends('partner_id')
    def _compute_commercial_partner_id(self):
        for contract in self:
            contract.commercial_partner_id = contract.partner_id.commercial_partner_id

    @api.depends('user_id')
    def _compute_team_id(self):
        for contract in self:
            # safe: which team the responsible belongs to is shown on every order already
            team = contract.user_id.sudo().sale_team_id
            contract.team_id = team if not team.company_id or team.company_id == contract.company_id else contract.team_id

    @api.depends('company_id')
    def _compute_currency_id(self):
        for contract in self:
            contract.currency_id = contract.currency_id or contract.company_id.currency_id

    @api.depends('line_ids.amount_total', 'line_ids.amount_untaxed')
    def _compute_amounts(self):
        for contract in self:
            if contract.line_ids:
                contract.amount_untaxed = sum(contract.line_ids.mapped('amount_untaxed'))
                contract.amount_total = sum(contract.line_ids.mapped('amount_total'))
            else:
                contract.amount_untaxed = contract.amount_untaxed
                contract.amount_total = contract.amount_total

    @api.depends('type_id.is_framework')
    def _compute_is_framework(self):
        for contract in self:
            contract.is_framework = contract.type_id.is_framework if contract.state == 'draft' else contract.is_framework

    @api.depends('type_id', 'clause_ids.parameter_ids.role', 'clause_ids.parameter_ids.value_number')
    def _compute_deemed_acceptance_days(self):
        for contract in self:
            days = contract.type_id.deemed_acceptance_days
            if contract.state != 'draft':
                contract.deemed_acceptance_days = contract.deemed_acceptance_days
            else:
                said = contract._term('acceptance_days')
                contract.deemed_acceptance_days = days and (days if said is None else int(said))

    @api.depends('amount_total', 'currency_id', 'lang')
    def _compute_amount_in_words(self):
        for contract in self:
            contract.amount_in_words = contract.currency_id and amount_in_words(
                contract.currency_id, contract.amount_total, contract.lang or self.env.lang,
            )

    @api.depends('name', 'title')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for contract in self:
            name = contract.name if contract.name != '/' else self.env._("New contract")
            contract.display_name = f'{name} {contract.title}' if contract.title else name

    @api.model
    def _search_display_name(self, operator, value):
        return Domain.OR([[('name', operator, value)], [('title', operator, value)], [('partner_id', operator, value)]]) \
            if operator not in Domain.NEGATIVE_OPERATORS else Domain.AND([[('name', operator, value)], [('title', operator, value)]])

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for contract in self:
            contract.access_url = f'/my/fulfilment/contracts/{contract.id}'
        return result

    # === ONCHANGE METHODS === #

    @api.onchange('type_id')
    def _onchange_type_id(self):
        """Propose the first template of the type."""
        if self.type_id and self.template_id.type_id != self.type_id:
            self.template_id = self.env['fulfilment.contract.template'].search([
                ('type_id', '=', self.type_id.id), ('company_id', 'in', [False, *self.company_id.parent_ids.ids]),
            ], limit=1)

    # === CONSTRAINT METHODS === #

    @api.constrains('partner_id')
    def _check_linked_customers(self):
        """Check that orders and invoices under a contract are of its customer."""
        self.sale_order_ids._check_fulfilment_contract()
        self.env['account.move'].search([('fulfilment_contract_id', 'in', self.ids)])._check_fulfilment_contract()

    @api.constrains('parent_id')
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A contract cannot stand under itself."))
        for contract in self.filtered('parent_id'):
            if contract.parent_id.commercial_partner_id != contract.commercial_partner_id \
                    and contract.commercial_partner_id.parent_id != contract.parent_id.commercial_partner_id:
                raise ValidationError(self.env._(
                    "%(contract)s is with %(customer)s, and the contract above it is with somebody else.",
                    contract=contract.name, customer=contract.partner_id.display_name,
                ))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self._check_parent_company(vals_list)
        for vals in vals_list:
            if vals.get('name', '/') == '/':
                company = vals.get('company_id') or self.env.company.id
                vals['name'] = self.env['ir.sequence'].with_company(company).next_by_code('fulfilment.contract') or '/'
        inner = self.with_context(fulfilment_clauses=DRAFTING)
        contracts = super(FulfilmentContract, inner).create(vals_list).with_env(self.env)
        planned = self.browse([contract.id for contract, vals in zip(contracts, vals_list, strict=True) if vals.get('milestone_ids')])
        contracts._apply_template_defaults(planned)
        return contracts

    def web_save(self, vals, specification, next_id=None):
        """Check drafts again as they are saved in a form, so that what it says of them is true."""
        result = super().web_save(vals, specification, next_id=next_id)
        contract = self or self.browse([one['id'] for one in result])
        if len(contract) != 1 or contract.state != 'draft' or 'finding_ids' not in specification:
            return result
        contract._check_wording()
        return contract.with_context(bin_size=True).web_read(specification) if not next_id else result

    def write(self, vals):
        self.check_access('write')  # first: what is compared and refused below names records
        substance = self._marked_fields('agreed')
        if not self.env.su and substance & without_unchanged(self, vals, substance).keys():
            self._check_draft(self.env._("the contract"))
            self._forget_check()
        if not self.env.su and 'template_id' in without_unchanged(self, vals, ('template_id',)):
            self._check_template_open()
        if not vals.get('active', True):
            self._check_ended()
        self._check_parent_company([vals])
        customers = {contract: contract.commercial_partner_id for contract in self} if 'partner_id' in vals else {}
        result = super().write(vals)
        if others := self.filtered(lambda one: customers.get(one, one.commercial_partner_id) != one.commercial_partner_id):
            others._change_link()
        if {'date_start', 'date_end', 'date_signed'} & vals.keys():
            # safe: dates of milestones follow those of their contract, which the user was allowed to write
            self.sudo().milestone_ids.filtered(lambda one: one.anchor in ('signature', 'start', 'end', 'month'))._reschedule()
        if {'date_start', 'date_end'} & vals.keys():
            self._follow_terms()
        return result

    def _check_template_open(self):
        """Check that the template may be chosen: the chain of the template a contract was drafted from approves it, not another's.

        :raise UserError: when clauses or milestones have been drafted already
        """
        # safe: whether there are any
        for contract in self.sudo():
            if contract.template_id and (contract.clause_ids or contract.milestone_ids):
                raise UserError(self.env._(
                    "%(contract)s was drafted from the template “%(template)s”. Delete its clauses and milestones first, or make another "
                    "contract.", contract=contract.display_name, template=contract.template_id.name,
                ))

    def _is_hidden_from_customers(self):
        return any(contract.state in HIDDEN_STATES for contract in self)

    def _forget_check(self):
        """Forget the check, as what was checked has changed, and note who changed it: they do not approve it."""
        # safe: notes that a draft was changed by somebody who may
        drafts = self.sudo()
        if checked := drafts.filtered('checked_on'):
            checked.checked_on = False
        drafts.filtered(lambda one: self.env.user not in one.author_ids).author_ids = [fields.Command.link(self.env.uid)]

    def _check_parent_company(self, vals_list):
        # safe: compared only. Odoo runs constraints as superuser, so what they say would name contracts of other companies.
        named = vals_list if self else with_defaults(self, vals_list)
        parents = self.sudo().browse([vals['parent_id'] for vals in named if vals.get('parent_id')])
        if not self.env.su and parents.company_id - self.env.companies:
            raise AccessError(self.env._("A contract cannot stand under a contract of a company that is not yours."))

    @api.model
    def get_import_templates(self):
        return [{'label': self.env._("Import template for contracts"), 'template': '/fulfilment_crm/static/import/contracts.xlsx'}]

    def copy_data(self, default=None):
        if not self.env.su and 'template_id' in (default or {}) and any(one.template_id.id != default['template_id'] for one in self):
            self._check_template_open()  # a copy is drafted from the same template
        vals_list = super().copy_data(default)
        return [dict(vals, milestone_ids=contract._copy_milestones_commands()) if not (default or {}).get('milestone_ids') else vals
                for contract, vals in zip(self, vals_list, strict=True)]

    @before_deletion
    def _unlink_except_agreed(self):
        for contract in self:
            # safe: asks whether it was submitted ever
            if contract.state not in ('draft', 'cancelled') or contract.sudo().approval_ids or contract.sudo().state_history and any(
                state != 'cancelled' for state, _moment in contract.sudo().state_history
            ):
                raise UserError(
                    self.env._("%(contract)s is past its draft: cancel or terminate it instead of deleting it.", contract=contract.name)
                )

    def _check_ended(self):
        """Raise unless all contracts are over: one in force would be forgotten in the archive."""
        for contract in self:
            if contract.state in ('in_approval', 'approved', *RUNNING):
                raise UserError(self.env._(
                    "%(contract)s is not over, so it cannot be archived. Close, terminate or cancel it first.",
                    contract=contract.display_name,
                ))

    def _check_draft(self, what):
        """Raise unless all contracts are drafts: what was submitted or signed is frozen.

        :param str what: what somebody tried to change, for the message
        """
        for contract in self:
            if contract.state != 'draft':
                raise UserError(self.env._(
                    "%(contract)s is %(state)s, so %(what)s cannot be edited. Use an amendment to change what was agreed.",
                    contract=contract.name, what=what,
                    state=dict(self._fields['state']._description_selection(self.env))[contract.state],
                ))

    # === MAIL METHODS === #

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ['partner_id']

    # === ACTION METHODS === #

    def action_preview(self):
        """Open the contract as the customer sees it on the portal."""
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'target': 'self', 'url': self.access_url}
