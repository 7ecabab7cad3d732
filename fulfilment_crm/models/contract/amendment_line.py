from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..base.deletion import before_deletion
from ..base.told import _lt, told
from .milestone import KINDS, OBLIGORS

# Which values a kind of change needs, and what it is made of.
NEEDS = {
    'contract_amount': ('value_amount',),
    'date_end': ('value_date',),
    'milestone_date': ('milestone_id', 'value_date'),
    'milestone_amount': ('milestone_id', 'value_amount'),
    'milestone_cancel': ('milestone_id',),
    'milestone_add': ('value_name', 'value_date', 'value_kind', 'value_obligor'),
    'clause_text': ('clause_id', 'value_text'),
    'clause_add': ('value_name', 'value_text', 'category_id'),
}
MAY_BE_EMPTY = {'value_amount'}


class FulfilmentAmendmentLine(models.Model):
    """One change of an amendment. Each kind has its method ``_apply_<kind>``."""
    _name = 'fulfilment.amendment.line'
    _description = 'Change of an amendment'
    _inherit = ['fulfilment.guard.mixin']
    _order = 'sequence, id'
    _rec_name = 'kind'

    amendment_id = fields.Many2one('fulfilment.amendment', required=True, index=True, ondelete='cascade')
    contract_id = fields.Many2one(related='amendment_id.contract_id')
    company_id = fields.Many2one(related='amendment_id.company_id', store=True, index=True)
    currency_id = fields.Many2one(related='amendment_id.contract_id.currency_id')
    sequence = fields.Integer(default=10)
    kind = fields.Selection([
        ('contract_amount', "Contract amount"), ('date_end', "End of the contract"), ('milestone_date', "Date of a milestone"),
        ('milestone_amount', "Amount of a milestone"), ('milestone_cancel', "Drop a milestone"), ('milestone_add', "Add a milestone"),
        ('clause_text', "Wording of a clause"), ('clause_add', "Add a clause"),
    ], string="Change", required=True, default='milestone_date')
    milestone_id = fields.Many2one(
        'fulfilment.milestone', domain="[('contract_id', '=', contract_id)]", ondelete='cascade', index='btree_not_null'
    )
    clause_id = fields.Many2one(
        'fulfilment.contract.clause', domain="[('contract_id', '=', contract_id)]", ondelete='cascade', index='btree_not_null'
    )
    category_id = fields.Many2one('fulfilment.clause.category', ondelete='restrict')
    value_date = fields.Date(string="New date")
    value_amount = fields.Monetary(string="New amount")
    value_text = fields.Text(string="New wording")
    value_name = fields.Char(string="Name")
    value_kind = fields.Selection(KINDS, string="Kind", default='other')
    value_obligor = fields.Selection(OBLIGORS, string="Owed by", default='us')
    before_value = fields.Json(readonly=True, copy=False)
    before = fields.Char(compute='_compute_before_after')
    after = fields.Char(compute='_compute_before_after')

    _guarded_fields = frozenset({'before_value'})

    @api.depends(
        'kind', 'milestone_id', 'clause_id', 'value_date', 'value_amount', 'value_text', 'value_name', 'before_value',
        'amendment_id.contract_id'
    )
    def _compute_before_after(self):
        for line in self:
            applied = line.amendment_id.state == 'applied'
            line.before = line._readable(line._typed(line.before_value) if applied else line._current())
            line.after = line._readable(line._new())

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.su:
            lines.amendment_id._check_editable()
            lines.amendment_id._note_author()
        return lines

    def write(self, vals):
        if not self.env.su:
            self.amendment_id._check_editable()
            self.amendment_id._note_author()
        result = super().write(vals)
        if not self.env.su and 'amendment_id' in vals:
            self.check_access('write')
            self.amendment_id._check_editable()
        return result

    @before_deletion
    def _unlink_except_submitted(self):
        if not self.env.su:
            self.amendment_id._check_editable()
            self.amendment_id._note_author()

    @api.constrains('milestone_id', 'clause_id', 'amendment_id')
    def _check_same_contract(self):
        for line in self:
            for part in (line.milestone_id, line.clause_id):
                if part and part.contract_id != line.contract_id:
                    raise ValidationError(self.env._("“%(name)s” belongs to another contract.", name=part.display_name))

    def _check_complete(self):
        """Raise when a change lacks what its kind needs, or comes too late."""
        for line in self:
            missing = [name for name in NEEDS[line.kind] if name not in MAY_BE_EMPTY and not line[name]]
            label = line._fields['kind'].convert_to_export(line.kind, line)
            if missing:
                raise ValidationError(self.env._(
                    "%(amendment)s: the change “%(kind)s” needs %(fields)s.", amendment=line.amendment_id.display_name, kind=label,
                    fields=', '.join(line._fields[name]._description_string(self.env) for name in missing),
                ))
            if line.kind in ('milestone_date', 'milestone_amount', 'milestone_cancel') and line.milestone_id.state != 'pending':
                raise ValidationError(self.env._("“%(name)s” is no longer pending and cannot be amended.", name=line.milestone_id.name))
            if line.kind in ('contract_amount', 'milestone_amount') and line.value_amount < 0:
                raise ValidationError(self.env._("%(amendment)s: an amount cannot be negative.", amendment=line.amendment_id.display_name))
            if line.kind == 'date_end' and line.value_date < line.contract_id.date_start:
                raise ValidationError(self.env._("%(contract)s cannot end before it starts.", contract=line.contract_id.display_name))

    # === BEFORE AND AFTER === #

    def _current(self):
        """What the change replaces, as it is now."""
        self.ensure_one()
        return {
            'contract_amount': self.contract_id.amount_total, 'date_end': self.contract_id.date_end,
            'milestone_date': self.milestone_id.date_planned, 'milestone_amount': self.milestone_id.amount,
            'milestone_cancel': self.milestone_id.name, 'clause_text': self.clause_id.text,
        }.get(self.kind)

    def _new(self):
        """What it becomes."""
        self.ensure_one()
        return {
            'contract_amount': self.value_amount, 'date_end': self.value_date, 'milestone_date': self.value_date,
            'milestone_amount': self.value_amount, 'milestone_cancel': None, 'milestone_add': self.value_name,
            'clause_text': self.value_text, 'clause_add': self.value_name,
        }[self.kind]

    def _typed(self, value):
        """A value as stored (text, number) with its own type again."""
        return fields.Date.to_date(value) if self.kind in ('date_end', 'milestone_date') and value else value

    def _readable(self, value):
        if value in (None, False, ''):
            return '–'
        if self.kind in ('contract_amount', 'milestone_amount'):
            return self.currency_id.format(value) if self.currency_id else str(value)
        if self.kind in ('date_end', 'milestone_date'):
            return format_date(self.env, value)
        return value if len(value) <= 120 else value[:119] + '…'

    # === APPLICATION === #

    def _apply(self):
        """Change what was agreed, and keep what it was before. No two of the lines are of one contract."""
        for line in self:
            current = line._current()
            line.before_value = fields.Date.to_string(current) if line.kind in ('date_end', 'milestone_date') and current else current
        for kind, lines in self.grouped('kind').items():
            getattr(lines, f'_apply_{kind}')()

    def _apply_contract_amount(self):
        for amount, lines in self.grouped('value_amount').items():
            lines.contract_id.amount_total = amount

    def _apply_date_end(self):
        self.contract_id.milestone_ids.mapped('successor_ids')  # read together: contract by contract below, each would be a query
        for day, lines in self.grouped('value_date').items():
            lines.contract_id.date_end = day

    def _apply_milestone_date(self):
        dates = {line.milestone_id: line.value_date for line in self}
        self.milestone_id._move_date(dates, self._reasons(), fix=True, effective=self._effective())

    def _apply_milestone_amount(self):
        milestones = self.milestone_id
        events = milestones._log_event('amended', self._reasons(), dict.fromkeys(milestones, (False, False)), self._effective())
        for line, event in zip(self, events, strict=True):
            event.write({'amount_from': line.milestone_id.amount, 'amount_to': line.value_amount})
        for amount, lines in self.grouped('value_amount').items():
            lines.milestone_id.amount = amount

    def _apply_milestone_cancel(self):
        self.milestone_id._cancel(self._reasons())

    def _apply_milestone_add(self):
        milestones = self.env['fulfilment.milestone']._create_quietly([{
            'contract_id': line.contract_id.id, 'name': line.value_name, 'kind': line.value_kind, 'obligor': line.value_obligor,
            'date_planned': line.value_date, 'date_first_planned': line.value_date, 'amount': line.value_amount,
            'user_id': line.contract_id.user_id.id,
        } for line in self])
        reasons = {milestone: line._why() for milestone, line in zip(milestones, self, strict=True)}
        milestones._log_event('amended', reasons, {milestone: (False, milestone.date_planned) for milestone in milestones})

    def _apply_clause_text(self):
        for line in self:
            line.clause_id.write({'body': line.value_text, 'text': line.value_text})

    def _apply_clause_add(self):
        self.env['fulfilment.contract.clause'].create([{
            'contract_id': line.contract_id.id, 'name': line.value_name, 'category_id': line.category_id.id,
            'body': line.value_text, 'text': line.value_text, 'sequence': 999,
        } for line in self])

    def _reasons(self):
        return {line.milestone_id: line._why() for line in self}

    def _effective(self):
        return {line.milestone_id: line.amendment_id.date_effective for line in self}

    def _why(self):
        return told(self.env, _lt("Amendment %(number)s: %(reason)s", number=self.amendment_id.number, reason=self.amendment_id.reason))
