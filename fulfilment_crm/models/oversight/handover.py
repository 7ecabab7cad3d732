from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.shown_date import shown_date
from ..base.deletion import before_deletion
from ..base.guard_mixin import without_unchanged
from .review_plan import STAGES

LINE_KINDS = [
    ('promise', "Promise of ours"), ('side', "Side agreement"), ('trait', "About the people"), ('milestone', "Open milestone"),
    ('dispute', "Dispute"), ('ticket', "Open ticket"), ('money', "Promise to pay"), ('breach', "Breach case"), ('evidence', "Evidence"),
    ('other', "Other"),
]


class FulfilmentHandover(models.Model):
    """That a contract passes from one who is responsible to the next, with all there is to know. Until accepted nothing has passed."""
    _name = 'fulfilment.handover'
    _description = 'Handover'
    _inherit = ['fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.flow.mixin', 'fulfilment.guard.mixin']
    _order = 'id desc'
    _mail_post_access = 'read'
    _to_do_type = 'fulfilment_crm.activity_type_handover'

    contract_id = fields.Many2one('fulfilment.contract', required=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(related='contract_id.company_id', store=True, index=True)
    partner_id = fields.Many2one(related='contract_id.commercial_partner_id', string="Customer", store=True, index=True)
    phase = fields.Selection(STAGES, string="Phase that begins", required=True, default='performance', tracking=True)
    from_user_id = fields.Many2one('res.users', string="Handed over by", readonly=True, index=True, ondelete='set null', guarded=True)
    to_user_id = fields.Many2one(
        'res.users', string="Handed over to", index='btree_not_null', ondelete='set null', tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    user_id = fields.Many2one(related='from_user_id', string="Responsible", store=True)
    note = fields.Text(help="What else the next one should know.")
    line_ids = fields.One2many('fulfilment.handover.line', 'handover_id', string="Pack", copy=False)
    state = fields.Selection(
        [('prepared', "Prepared"), ('offered', "Offered"), ('accepted', "Handover accepted"), ('returned', "Sent back")], required=True,
        readonly=True,
        default='prepared', copy=False, index=True, tracking=True, guarded=True,
    )
    _moves = {'prepared': {'offered'}, 'offered': {'accepted', 'returned', 'prepared'}, 'returned': {'offered'}, 'accepted': set()}
    return_reason = fields.Text(string="Why it was sent back", readonly=True, copy=False, guarded=True)
    accepted_on = fields.Datetime(readonly=True, copy=False, guarded=True)

    _one_under_way = models.UniqueIndex(
        "(contract_id, phase) WHERE state <> 'accepted'", "This contract is being handed over for the phase already.",
    )

    @api.depends('contract_id', 'phase')
    @api.depends_context('lang')
    def _compute_display_name(self):
        phases = dict(self._fields['phase']._description_selection(self.env))
        for one in self:
            one.display_name = f'{one.contract_id.name or ""}: {phases.get(one.phase, "")}'

    @api.constrains('to_user_id', 'company_id')
    def _check_receiver(self):
        for one in self.filtered('to_user_id'):
            if one.to_user_id.share or one.company_id not in one.to_user_id.company_ids:
                raise ValidationError(self.env._(
                    "%(receiver)s does not work in %(company)s: hand over to somebody who does.", receiver=one.to_user_id.name,
                    company=one.company_id.name,
                ))

    @api.model_create_multi
    def create(self, vals_list):
        handovers = super().create(vals_list)
        handovers.contract_id.check_access('write')
        # safe: who hands over and what there is follows from the contract
        for one in handovers.sudo():
            one.from_user_id = one.contract_id.user_id
        handovers.sudo()._prepare_pack()  # safe: as above
        return handovers

    def write(self, vals):
        if not self.env.su:
            if 'contract_id' in without_unchanged(self, vals, ('contract_id',)):
                raise UserError(self.env._("%s stays with its contract: make another handover.", self[:1].display_name))
            accepted = self.filtered(lambda one: one.state == 'accepted')
            if accepted and without_unchanged(self, vals, vals.keys()).keys() & {'phase', 'to_user_id', 'line_ids', 'note'}:
                raise UserError(self.env._("%s was accepted and stays as it is.", accepted[0].display_name))
            offered = self.filtered(lambda one: one.state == 'offered')
            if offered and 'to_user_id' in without_unchanged(self, vals, ('to_user_id',)):
                raise UserError(self.env._("%s is offered: take it back before you offer it to somebody else.", offered[0].display_name))
        return super().write(vals)

    @before_deletion
    def _unlink_except_prepared(self):
        for one in self:
            if one.state != 'prepared':
                raise UserError(self.env._("%s was offered and stays on record.", one.display_name))

    # === THE PACK === #

    def _prepare_pack(self):
        """Collect what the records know: open milestones, disputes, tickets, promises, cases, evidence, people."""
        lines = []
        for one in self:
            told = one.with_context(lang=one.from_user_id.lang or one.company_id.partner_id.lang or self.env.lang)
            lines += [{'handover_id': one.id, 'sequence': 10 * (position + 1), **line} for position, line in enumerate(told._pack())]
        self.env['fulfilment.handover.line'].create(lines)

    def _pack(self):
        """Return the lines of the pack as values."""
        self.ensure_one()
        contract, env = self.contract_id, self.env

        def line(kind, record, text):
            return {'kind': kind, 'text': text, 'res_model': record._name, 'res_id': record.id}
        lines = [
            line('milestone', one, ', '.join(filter(None, (
                one.name, one.date_planned and shown_date(env, one.date_planned),
                one.amount_open and one.currency_id.format(one.amount_open), one.user_id.name,
            )))) for one in contract.milestone_ids.filtered(lambda one: one.state == 'pending').sorted(
                lambda one: (one.date_planned or fields.Date.to_date('9999-12-31'), one.id),
            )
        ]
        instalments = env['fulfilment.instalment'].search([('contract_id', '=', contract.id)])
        lines += [
            line('dispute', one, f'{one.display_name}: {one.currency_id.format(one.amount)}')
            for one in env['fulfilment.dispute'].search([('state', '=', 'open'), ('move_id', 'in', instalments.move_id.ids)])
        ]
        lines += [
            line('ticket', one, one.display_name)
            for one in env['fulfilment.ticket'].search([('contract_id', '=', contract.id), ('is_open', '=', True)])
        ]
        lines += [
            line('money', one, f'{one.display_name}, {shown_date(env, one.date_promised)}')
            for one in env['fulfilment.payment.promise'].search([
                ('partner_id', '=', contract.commercial_partner_id.id), ('company_id', '=', contract.company_id.id), ('state', '=', 'open'),
            ])
        ]
        lines += [
            line('breach', one, f'{one.display_name}: {one.cause_id.display_name}')
            for one in contract.breach_ids if one.state not in ('closed', 'withdrawn')
        ]
        lines += [
            line('evidence', one, f'{one.name}: {", ".join(one.evidence_ids.mapped("name"))}')
            for one in contract.milestone_ids if one.evidence_ids
        ]
        customer = contract.commercial_partner_id
        lines += [
            line('trait', one, ', '.join(filter(None, (one.name, one.function, one.phone, one.email))))
            for one in customer.child_ids.filtered(lambda one: one.type == 'contact' and not one.is_company)
        ]
        if customer.fulfilment_needs:
            lines.append(line('trait', customer, customer.fulfilment_needs))
        newest = env['fulfilment.interaction'].search([('contract_id', '=', contract.id), ('conclusion', '!=', False)], limit=3)
        return lines + [line('other', one, f'{one.display_name}: {one.conclusion}') for one in newest]


class FulfilmentHandoverLine(models.Model):
    """Something of the pack. A promise with a day becomes a milestone of the next one."""
    _name = 'fulfilment.handover.line'
    _description = 'Line of a handover'
    _inherit = ['fulfilment.guard.mixin']
    _order = 'handover_id, sequence, id'
    _rec_name = 'text'

    handover_id = fields.Many2one('fulfilment.handover', required=True, index=True, ondelete='cascade')
    contract_id = fields.Many2one(related='handover_id.contract_id', store=True, index=True)
    from_user_id = fields.Many2one(related='handover_id.from_user_id', store=True)
    to_user_id = fields.Many2one(related='handover_id.to_user_id', store=True)
    company_id = fields.Many2one(related='handover_id.company_id', store=True, index=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(LINE_KINDS, required=True, default='promise')
    text = fields.Char(string="What", required=True)
    date_due = fields.Date(string="By when", help="A promise with a day becomes a milestone when the handover is accepted.")
    res_model = fields.Char(string="Record type", readonly=True, guarded=True)
    res_id = fields.Many2oneReference(string="Record", model_field='res_model', readonly=True, guarded=True)
    milestone_id = fields.Many2one('fulfilment.milestone', readonly=True, copy=False, ondelete='set null', guarded=True)

    def _check_open(self):
        accepted = self.handover_id.filtered(lambda one: one.state == 'accepted')
        if accepted and not self.env.su:
            raise UserError(self.env._("%s was accepted and stays as it is.", accepted[0].display_name))

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_open()
        return lines

    def write(self, vals):
        if not self.env.su and without_unchanged(self, vals, vals.keys()):
            self._check_open()
        return super().write(vals)

    @before_deletion
    def _unlink_except_accepted(self):
        self._check_open()
