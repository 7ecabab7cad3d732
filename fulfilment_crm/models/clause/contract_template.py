from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .clause import ROLES

# What milestones are, in templates and in contracts.
KINDS = [
    ('delivery', "Delivery"), ('payment', "Payment"), ('acceptance', "Acceptance"), ('document', "Document"), ('other', "Other"),
]
OBLIGORS = [('us', "Us"), ('customer', "Customer")]
ANCHORS = [
    ('fixed', "Fixed date"), ('signature', "Signature"), ('start', "Start of the contract"), ('end', "End of the contract"),
    ('predecessor', "Another milestone"), ('invoice', "Date of the invoice"), ('month', "Month of the contract"),
]


class FulfilmentContractTemplate(models.Model):
    _name = 'fulfilment.contract.template'
    _description = 'Contract template'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread']
    _check_company_domain = models.check_company_domain_parent_of

    type_id = fields.Many2one('fulfilment.contract.type', required=True, index=True, ondelete='restrict', tracking=True)
    duration_months = fields.Integer(default=12, help="Proposed length of a contract made from this template; 0: no end.", tracking=True)
    auto_renew = fields.Boolean(string="Renew automatically", tracking=True)
    description = fields.Text(translate=True)
    clause_line_ids = fields.One2many('fulfilment.contract.template.clause', 'template_id', copy=True)
    milestone_line_ids = fields.One2many('fulfilment.milestone.template', 'template_id')

    def copy(self, default=None):
        copies = super().copy(default)
        for template, twin in zip(self, copies, strict=True):
            template._copy_milestones_to(twin)
        return copies

    def _copy_milestones_to(self, twin):
        """Give another template the same milestones, each waiting for its own kin."""
        made = {}
        waiting = list(self.milestone_line_ids)
        while waiting:
            line = waiting.pop(0)
            if line.predecessor_id and line.predecessor_id not in made:
                waiting.append(line)  # its predecessor comes first; circles are refused by a constraint
                continue
            made[line] = line.copy({
                'template_id': twin.id, 'predecessor_id': made[line.predecessor_id].id if line.predecessor_id else False,
            })


class FulfilmentContractTemplateClause(models.Model):
    _name = 'fulfilment.contract.template.clause'
    _description = 'Clause of a contract template'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'sequence, id'
    _rec_name = 'clause_id'

    template_id = fields.Many2one('fulfilment.contract.template', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10, tracking=True)
    clause_id = fields.Many2one('fulfilment.clause', required=True, index=True, ondelete='restrict', tracking=True)

    _audit_field = 'template_id'


class FulfilmentMilestoneTemplate(models.Model):
    _name = 'fulfilment.milestone.template'
    _description = 'Milestone of a contract template'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'sequence, id'

    template_id = fields.Many2one('fulfilment.contract.template', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10, tracking=True)
    name = fields.Char(required=True, translate=True, tracking=True)
    kind = fields.Selection(KINDS, required=True, default='other', tracking=True)
    obligor = fields.Selection(OBLIGORS, required=True, default='us', tracking=True)
    anchor = fields.Selection(
        [anchor for anchor in ANCHORS if anchor[0] not in ('fixed', 'month')], string="Counted from", required=True, default='signature',
        tracking=True,
    )
    predecessor_id = fields.Many2one(
        'fulfilment.milestone.template', string="Preceding milestone", index='btree_not_null', ondelete='set null',
        domain="[('template_id', '=', template_id)]", tracking=True,
    )
    offset_days = fields.Integer(string="Days", tracking=True)
    role = fields.Selection(
        ROLES, string="Follows the value of", compute='_compute_role', store=True, readonly=False, precompute=True, tracking=True,
        help="The parameter of the contract's clauses that says when, or how much: it counts, not what stands here.",
    )
    percent = fields.Float(string="% of contract", help="For payments: share of the contract's amount.", tracking=True)
    evidence = fields.Char(translate=True, tracking=True)
    is_fallback_payment = fields.Boolean(
        string="Without payment term only", help="Left out when the order's payment term gives the instalments.",
        tracking=True,
    )

    _audit_field = 'template_id'

    @api.depends('kind', 'anchor', 'obligor')
    def _compute_role(self):
        for line in self:
            line.role = line.role or {
                ('delivery', 'us', 'signature'): 'delivery_days', ('acceptance', 'customer', 'predecessor'): 'acceptance_days',
                ('payment', 'customer', 'predecessor'): 'payment_days', ('payment', 'customer', 'signature'): 'advance_percent',
                ('payment', 'customer', 'invoice'): 'after_invoice_days',
            }.get((line.kind, line.obligor, line.anchor), False)

    @api.constrains('anchor', 'predecessor_id', 'template_id')
    def _check_predecessor(self):
        for line in self:
            if line.anchor == 'predecessor' and (not line.predecessor_id or line.predecessor_id.template_id != line.template_id):
                raise ValidationError(self.env._(
                    "Milestone “%(name)s” is counted from another one: choose one of the same template.", name=line.name,
                ))
        if self._has_cycle('predecessor_id'):
            raise ValidationError(self.env._("Milestones cannot wait for each other in a circle."))
