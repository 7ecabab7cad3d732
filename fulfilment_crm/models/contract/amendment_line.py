import math

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_repr

from ...tools import placeholders
from ...tools.shown_date import shown_date
from ..base.deletion import before_deletion
from ..base.told import _lt, told
from ..clause.clause import check_value
from .by_amount import by_amount
from .contract_duration import check_day
from .milestone import KINDS, OBLIGORS

# Which values a kind of change needs, and what it is made of.
NEEDS = {
    'contract_amount': ('value_amount',),
    'contract_untaxed': ('value_amount',),
    'line_quantity': ('line_id', 'value_number'),
    'line_price': ('line_id', 'value_number'),
    'line_drop': ('line_id',),
    'line_add': ('value_name', 'value_number'),
    'date_end': ('value_date',),
    'milestone_date': ('milestone_id', 'value_date'),
    'milestone_amount': ('milestone_id', 'value_amount'),
    'milestone_cancel': ('milestone_id',),
    'milestone_add': ('value_name', 'value_date', 'value_kind', 'value_obligor'),
    'clause_text': ('clause_id', 'value_text'),
    'clause_add': ('value_name', 'value_text', 'category_id'),
    'clause_value': ('parameter_id', 'value_number'),
}
MAY_BE_EMPTY = {'value_amount', 'value_number'}
MONEY = {'contract_amount', 'contract_untaxed', 'milestone_amount'}
DATES = {'date_end', 'milestone_date'}
NUMBERS = {'line_quantity', 'line_price', 'line_add', 'clause_value'}


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
        ('contract_amount', "Contract amount"), ('contract_untaxed', "Untaxed amount of the contract"),
        ('line_quantity', "Quantity of a line"), ('line_price', "Unit price of a line"), ('line_drop', "Drop a line"),
        ('line_add', "Add a line"), ('date_end', "End of the contract"), ('milestone_date', "Date of a milestone"),
        ('milestone_amount', "Amount of a milestone"), ('milestone_cancel', "Drop a milestone"), ('milestone_add', "Add a milestone"),
        ('clause_text', "Wording of a clause"), ('clause_value', "Value of a clause"), ('clause_add', "Add a clause"),
    ], string="Change", required=True, default='milestone_date')
    milestone_id = fields.Many2one(
        'fulfilment.milestone', domain="[('contract_id', '=', contract_id)]", ondelete='cascade', index='btree_not_null'
    )
    clause_id = fields.Many2one(
        'fulfilment.contract.clause', domain="[('contract_id', '=', contract_id)]", ondelete='cascade', index='btree_not_null'
    )
    line_id = fields.Many2one(
        'fulfilment.contract.line', domain="[('contract_id', '=', contract_id)]", ondelete='set null', index='btree_not_null',
    )
    parameter_id = fields.Many2one(
        'fulfilment.contract.clause.parameter', string="Value", domain="[('contract_id', '=', contract_id), ('role', '!=', 'text')]",
        ondelete='cascade', index='btree_not_null',
    )
    category_id = fields.Many2one('fulfilment.clause.category', ondelete='restrict')
    value_date = fields.Date(string="New date")
    value_amount = fields.Monetary(string="New amount")
    value_number = fields.Float(string="New number", digits='Product Price', help="Quantity, unit price, or the value of the clause.")
    value_quantity = fields.Float(string="Quantity", default=1.0, digits='Product Unit')
    value_text = fields.Text(string="New wording")
    value_name = fields.Char(string="Name")
    value_kind = fields.Selection(KINDS, string="Kind", default='other')
    value_obligor = fields.Selection(OBLIGORS, string="Owed by", default='us')
    before_value = fields.Json(readonly=True, copy=False, guarded=True)
    before = fields.Char(compute='_compute_before_after')
    after = fields.Char(compute='_compute_before_after')

    @api.depends(
        'kind', 'milestone_id', 'clause_id', 'line_id', 'parameter_id', 'value_date', 'value_amount', 'value_number', 'value_quantity',
        'value_text', 'value_name', 'before_value',
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

    @api.constrains('milestone_id', 'clause_id', 'line_id', 'parameter_id', 'amendment_id')
    def _check_same_contract(self):
        for line in self:
            for part in (line.milestone_id, line.clause_id, line.line_id, line.parameter_id):
                if part and part.contract_id != line.contract_id:
                    raise ValidationError(self.env._("“%(name)s” belongs to another contract.", name=part.display_name))

    def _check_complete(self):
        """Raise when a change lacks what its kind needs, says what cannot be, or comes too late."""
        self._check_same_contract()
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
            money = line.kind in MONEY or line.kind == 'milestone_add'
            if money and not 0 <= line.value_amount < math.inf or line.kind in NUMBERS and not (
                0 <= line.value_number < math.inf and 0 <= line.value_quantity < math.inf
            ):
                raise ValidationError(self.env._("%(amendment)s: an amount cannot be negative.", amendment=line.amendment_id.display_name))
            if line.kind in DATES or line.kind == 'milestone_add':
                check_day(line.amendment_id, line.value_date)
            if line.kind == 'clause_value':
                check_value(line.parameter_id, line.value_number)
            if line.kind in ('contract_amount', 'contract_untaxed') and line.contract_id.line_ids:
                raise ValidationError(self.env._(
                    "%(contract)s lists what is sold: change its lines, and its amount follows.", contract=line.contract_id.display_name,
                ))
            if line.kind == 'clause_text' and (lost := line._lost_values()):
                raise ValidationError(self.env._(
                    "The new wording of “%(clause)s” leaves out %(values)s, which the contract acts on: keep them in braces, and change "
                    "them by “Value of a clause”.", clause=line.clause_id.name, values=', '.join('{%s}' % key for key in lost),
                ))
            if line.kind == 'date_end' and line.value_date < line.contract_id.date_start:
                raise ValidationError(self.env._("%(contract)s cannot end before it starts.", contract=line.contract_id.display_name))

    # === BEFORE AND AFTER === #

    def _current(self):
        """Return what the change replaces, as it is now."""
        self.ensure_one()
        return {
            'contract_untaxed': self.contract_id.amount_untaxed, 'line_quantity': self.line_id.quantity,
            'line_price': self.line_id.price_unit, 'line_drop': self.line_id.name, 'clause_value': self.parameter_id.value_number,
            'contract_amount': self.contract_id.amount_total, 'date_end': self.contract_id.date_end,
            'milestone_date': self.milestone_id.date_planned, 'milestone_amount': self.milestone_id.amount,
            'milestone_cancel': self.milestone_id.name, 'clause_text': self.clause_id.text,
        }.get(self.kind)

    def _touches(self):
        """Return what the line changes: a part of the contract, or its amount."""
        self.ensure_one()
        return self.line_id or self.milestone_id or self.parameter_id or (
            'amount' if self.kind in ('contract_amount', 'contract_untaxed') else self
        )

    def _new(self):
        """Return what the change puts in place; None where it only takes something away."""
        self.ensure_one()
        return {
            'contract_untaxed': self.value_amount, 'line_quantity': self.value_number, 'line_price': self.value_number,
            'line_drop': None, 'line_add': self.value_name, 'clause_value': self.value_number,
            'contract_amount': self.value_amount, 'date_end': self.value_date, 'milestone_date': self.value_date,
            'milestone_amount': self.value_amount, 'milestone_cancel': None, 'milestone_add': self.value_name,
            'clause_text': self.value_text, 'clause_add': self.value_name,
        }[self.kind]

    def _typed(self, value):
        """Turn a value as stored (text, number) back into its own type."""
        return fields.Date.to_date(value) if self.kind in DATES and value else value

    def _readable(self, value):
        if value is None or value is False or value == '':
            return '–'
        if self.kind in MONEY:
            return self.currency_id.format(value) if self.currency_id else str(value)
        if self.kind in DATES:
            return shown_date(self.env, value)
        if self.kind in NUMBERS and not isinstance(value, str):
            what = self.parameter_id.name if self.kind == 'clause_value' else self.line_id.name
            number = float_repr(value, 4).rstrip('0').rstrip('.')
            return f'{what}: {number}' if what else number
        return value if len(value) <= 120 else value[:119] + '…'

    # === APPLICATION === #

    def _apply(self):
        """Change what was agreed, and keep what it was before. No two of the lines are of one contract."""
        for line in self:
            current = line._current()
            line.before_value = fields.Date.to_string(current) if line.kind in DATES and current else current
        for kind, lines in self.grouped('kind').items():
            getattr(lines, f'_apply_{kind}')()

    def _apply_contract_amount(self):
        for amount, lines in by_amount(self, lambda line: line.value_amount):
            lines.contract_id.amount_total = amount

    def _apply_contract_untaxed(self):
        for amount, lines in by_amount(self, lambda line: line.value_amount):
            lines.contract_id.amount_untaxed = amount

    def _apply_line_quantity(self):
        for line in self:
            line.line_id._amend(quantity=line.value_number)

    def _apply_line_price(self):
        for line in self:
            line.line_id._amend(price_unit=line.value_number)

    def _apply_line_drop(self):
        self.line_id.unlink()

    def _apply_line_add(self):
        self.env['fulfilment.contract.line'].create([{
            'contract_id': line.contract_id.id, 'name': line.value_name, 'quantity': line.value_quantity, 'price_unit': line.value_number,
            'sequence': 999,
        } for line in self])

    def _apply_clause_value(self):
        self.parameter_id._amend(
            {line.parameter_id: line.value_number for line in self}, {line.parameter_id: line._why() for line in self},
            {line.parameter_id: line.amendment_id.date_effective for line in self},
        )

    def _lost_values(self):
        """Return the keys of typed values of the clause that the new wording leaves out."""
        self.ensure_one()
        typed = self.clause_id.parameter_ids.filtered(lambda one: one.role not in ('text', 'number')).mapped('key')
        used = set(placeholders.keys(self.clause_id.body or ''))
        return [key for key in typed if key in used and key not in placeholders.keys(self.value_text or '')]

    def _apply_date_end(self):
        self.contract_id.milestone_ids.mapped('successor_ids')  # read together: contract by contract below, each would be a query
        for day, lines in self.grouped('value_date').items():
            lines.contract_id.date_end = day

    def _apply_milestone_date(self):
        dates = {line.milestone_id: line.value_date for line in self}
        self.milestone_id._move_date(dates, self._reasons(), fix=True, effective=self._effective())

    def _apply_milestone_amount(self):
        milestones = self.milestone_id
        milestones._log_event(
            'amended', self._reasons(), dict.fromkeys(milestones, (False, False)), self._effective(),
            {line.milestone_id: (line.milestone_id.amount, line.value_amount) for line in self},
        )
        for amount, lines in by_amount(self, lambda line: line.value_amount):
            lines.milestone_id.write({'amount': amount, 'percent': 0.0})  # what was agreed as an amount is no share any more

    def _apply_milestone_cancel(self):
        self.milestone_id._cancel(self._reasons())

    def _apply_milestone_add(self):
        milestones = self.env['fulfilment.milestone']._create_quietly([{
            'contract_id': line.contract_id.id, 'name': line.value_name, 'kind': line.value_kind, 'obligor': line.value_obligor,
            'date_planned': line.value_date, 'date_first_planned': line.value_date, 'amount': line.value_amount,
            'user_id': line.contract_id.user_id.id,
        } for line in self])
        reasons = {milestone: line._why() for milestone, line in zip(milestones, self, strict=True)}
        milestones._log_event(
            'amended', reasons, {milestone: (False, milestone.date_planned) for milestone in milestones},
            {milestone: line.amendment_id.date_effective for milestone, line in zip(milestones, self, strict=True)},
        )

    def _apply_clause_text(self):
        for line in self:
            line.clause_id.body = line.value_text
            line.clause_id._fill_text()

    def _apply_clause_add(self):
        self.env['fulfilment.contract.clause'].create([{
            'contract_id': line.contract_id.id, 'name': line.value_name, 'category_id': line.category_id.id,
            'body': line.value_text, 'text': line.value_text, 'sequence': 999,
        } for line in self])._fill_text()

    def _reasons(self):
        return {line.milestone_id: line._why() for line in self}

    def _effective(self):
        return {line.milestone_id: line.amendment_id.date_effective for line in self}

    def _why(self):
        return told(self.env, _lt("Amendment %(number)s: %(reason)s", number=self.amendment_id.number, reason=self.amendment_id.reason))
