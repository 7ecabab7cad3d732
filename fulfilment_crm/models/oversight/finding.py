from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..base.deletion import before_deletion
from ..base.to_do_mixin import ToDo, check_colleagues
from .review_plan import AREAS

ORIGINS = [('review', "Review"), ('inspection', "Inspection"), ('check', "Check"), ('hand', "Entered by hand")]
OPEN = ('open', 'in_work', 'done')


class FulfilmentFinding(models.Model):
    """What was found, why, who sets it right until when, and that it was."""
    _name = 'fulfilment.finding'
    _description = 'Finding'
    _inherit = ['fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.flow.mixin', 'fulfilment.guard.mixin']
    _order = 'date_due, id desc'
    _mail_post_access = 'read'
    _to_do_type = 'fulfilment_crm.activity_type_finding'

    name = fields.Char(string="Finding", required=True, tracking=True, help="What is not as it should be, in a few words.")
    company_id = fields.Many2one(
        'res.company', required=True, index=True, compute='_compute_from_review', store=True, readonly=False, precompute=True,
    )
    origin = fields.Selection(ORIGINS, required=True, readonly=True, default='hand', index=True, guarded=True)
    review_id = fields.Many2one('fulfilment.review', index='btree_not_null', ondelete='restrict')
    check_id = fields.Many2one('fulfilment.process.check', readonly=True, index='btree_not_null', ondelete='set null', guarded=True)
    area = fields.Selection(AREAS, compute='_compute_area', store=True)
    contract_id = fields.Many2one(
        'fulfilment.contract', index='btree_not_null', ondelete='restrict', compute='_compute_from_review', store=True, readonly=False,
        precompute=True, domain="[('company_id', '=', company_id)]",
    )
    partner_id = fields.Many2one(related='contract_id.commercial_partner_id', string="Customer", store=True, index=True)
    res_model = fields.Char(string="Record type", readonly=True, guarded=True)
    res_id = fields.Many2oneReference(string="Record", model_field='res_model', readonly=True, guarded=True)
    record_name = fields.Char(string="About", readonly=True, guarded=True)
    found_on = fields.Date(required=True, readonly=True, default=fields.Date.context_today, guarded=True)
    seen_on = fields.Date(string="Last seen", readonly=True, guarded=True, help="The day its check showed it last.")
    check_key = fields.Char(readonly=True, copy=False, guarded=True, help="What it stands for while its check shows it.")
    repeated_of_id = fields.Many2one(
        'fulfilment.finding', string="Found before", readonly=True, index='btree_not_null', ondelete='set null', guarded=True,
    )
    repetition = fields.Integer(string="Time found", readonly=True, default=1, aggregator='max', guarded=True)

    # What is done about it
    user_id = fields.Many2one(
        'res.users', string="Responsible", index='btree_not_null', ondelete='set null', tracking=True, default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    date_due = fields.Date(
        string="To be set right by", required=True, tracking=True, index=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=self.env.company.fulfilment_finding_days),
    )
    cause = fields.Text(tracking=True, help="Why it came to that.")
    action = fields.Text(string="Corrective action", tracking=True)
    state = fields.Selection([
        ('open', "Finding open"), ('in_work', "Being set right"), ('done', "Set right"), ('verified', "Verified"),
        ('closed', "Not found any more"),
    ], required=True, readonly=True, default='open', index=True, tracking=True, group_expand=True, guarded=True)
    _moves = {
        'open': {'in_work', 'done', 'verified', 'closed'}, 'in_work': {'open', 'done', 'verified', 'closed'},
        'done': {'open', 'verified', 'closed'}, 'verified': {'open'}, 'closed': {'open'},
    }
    done_on = fields.Date(readonly=True, copy=False, guarded=True)
    closed_on = fields.Date(readonly=True, copy=False, guarded=True)
    closed_by_id = fields.Many2one('res.users', string="Verified by", readonly=True, copy=False, ondelete='set null', guarded=True)
    is_late = fields.Boolean(string="Overdue", compute='_compute_is_late', search='_search_is_late')
    due_told = fields.Boolean(readonly=True, copy=False, guarded=True, help="The responsible was reminded.")
    late_told = fields.Boolean(readonly=True, copy=False, guarded=True, help="Whoever leads the responsible was told.")

    _key_unique = models.UniqueIndex('(check_key) WHERE check_key IS NOT NULL', "This is found already.")

    # === COMPUTE METHODS === #

    @api.depends('review_id')
    def _compute_from_review(self):
        for finding in self:
            finding.company_id = finding.review_id.company_id or finding.company_id or self.env.company
            finding.contract_id = finding.review_id.contract_id or finding.contract_id

    @api.depends('review_id.area', 'check_id.area')
    def _compute_area(self):
        for finding in self:
            finding.area = finding.check_id.area or finding.review_id.area or 'contract'

    @api.depends('state', 'date_due')
    def _compute_is_late(self):
        today = self.company_id._fulfilment_today(reading=True)
        for finding in self:
            finding.is_late = bool(
                finding.state in ('open', 'in_work') and finding.date_due and finding.company_id
                and finding.date_due < today[finding.company_id]
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != 'in':
            return NotImplemented
        late = Domain('state', 'in', ('open', 'in_work')) & self.env['res.company']._fulfilment_days_domain('date_due', '>', 0, since=True)
        return late if True in value else ~late

    # === CONSTRAINT AND CRUD METHODS === #

    @api.constrains('user_id')
    def _check_owner(self):
        check_colleagues(self)

    @api.constrains('review_id', 'contract_id', 'company_id')
    def _check_review(self):
        for finding in self:
            contract, review = finding.contract_id, finding.review_id
            if contract and contract.company_id != finding.company_id or review and (
                review.company_id != finding.company_id or review.contract_id and review.contract_id != contract
            ):
                raise ValidationError(self.env._("“%s”: company, contract and review belong together.", finding.name))

    @api.model_create_multi
    def create(self, vals_list):
        findings = super().create(vals_list)
        if not self.env.su:
            findings.review_id.check_access('write')
            closed = findings.review_id.filtered(lambda one: one.state == 'closed')
            if closed:
                raise UserError(self.env._("%s is closed and takes no more findings.", closed[0].display_name))
        # safe: where a finding comes from follows from its review
        for finding in findings.sudo().filtered(lambda one: one.review_id and one.origin == 'hand'):
            finding.origin = 'inspection' if finding.review_id.kind == 'inspection' else 'review'
        findings._begin()
        return findings

    @before_deletion
    def _unlink_except_never(self):
        raise UserError(self.env._("Findings stay on record: have them closed instead."))

    def _begin(self):
        """Have those responsible follow and do something about findings."""
        # safe: what follows from finding something
        findings = self.sudo()
        findings._follow_quietly()
        for user, owned in findings.filtered('user_id').grouped('user_id').items():
            said = user._fulfilment_env()._("Set right what was found")
            self.env['mail.activity']._fulfilment_give(self._to_do_type, [ToDo(one, user, said, one.date_due) for one in owned])
        self.env['fulfilment.event']._note(findings, 'open', {
            one: {'after': {'name': one.name, 'origin': one.origin}} for one in findings
        })
