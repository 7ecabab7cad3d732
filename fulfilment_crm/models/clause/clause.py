from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools import placeholders
from ..base.deletion import before_deletion
from ..base.guard_mixin import without_unchanged

MOST_DAYS = 36500  # a hundred years
ROLES = [
    ('payment_days', "Payment: days after acceptance"),
    ('after_invoice_days', "Payment: days after the invoice"),
    ('monthly_day', "Monthly payment: day of the month"),
    ('advance_percent', "Advance payment: % of the contract"),
    ('advance_days', "Advance payment: days after signature"),
    ('delivery_days', "Delivery: days after signature"),
    ('acceptance_days', "Acceptance: days after delivery"),
    ('damages_rate', "Damages: % per day"),
    ('damages_rate_us', "Damages: % per day, of our delay"),
    ('damages_rate_customer', "Damages: % per day, of the customer's delay"),
    ('damages_rate_whole', "Damages: % per day of the whole obligation"),
    ('damages_rate_contract', "Damages: % per day of the contract"),
    ('damages_yearly', "Damages: % per year"),
    ('damages_points', "Damages: points above the yearly reference rate"),
    ('damages_factor', "Damages: multiple of the yearly reference rate"),
    ('damages_fixed', "Damages: fixed % once late"),
    ('damages_fixed_later', "Damages: fixed % in all after longer delay"),
    ('damages_fixed_days', "Damages: day from which the longer delay counts"),
    ('damages_days', "Damages: days the % is for, in proportion"),
    ('damages_days_full', "Damages: days the % is for, a period begun in full"),
    ('damages_days_drop', "Damages: days the % is for, full periods only"),
    ('damages_grace', "Damages: days of grace"),
    ('damages_trigger', "Damages: days of grace, all counted once exceeded"),
    ('damages_cap', "Damages: cap in % of the contract"),
    ('damages_cap_late', "Damages: cap in % of the late obligation"),
    ('damages_year_days', "Damages: days of a year"),
    ('damages_daily', "Damages: each day rounded (1: yes)"),
    ('deposit_percent', "Deposit: % of the contract"),
    ('deposit_days', "Deposit: days after signature"),
    ('warranty_days', "Warranty: days"),
    ('notice_days', "Notice: days before the end"),
    ('number', "Other number"),
    ('text', "Text"),
]
# What values lie between, where it is not 0 and the most days, or 100 %.
MOST = {
    'monthly_day': 31, 'damages_factor': 10, 'damages_daily': 1, 'damages_year_days': 366, **dict.fromkeys((
        'damages_rate', 'damages_rate_us', 'damages_rate_customer', 'damages_rate_whole', 'damages_rate_contract', 'damages_yearly',
        'damages_points', 'damages_fixed', 'damages_fixed_later', 'damages_cap', 'damages_cap_late',
    ), 100),
}
LEAST = {'damages_year_days': 360, 'damages_days': 1, 'damages_days_full': 1, 'damages_days_drop': 1, 'damages_fixed_days': 1}
# The placeholders that every contract fills from what it is itself.
KNOWN_TO_CONTRACTS = {
    'our_company', 'customer', 'amount', 'amount_in_words', 'currency', 'contract_number', 'date_start', 'date_end', 'bank_account',
}


def check_values(parameters):
    """:raise ValidationError: for values that days, months or shares cannot have"""
    for parameter in parameters:
        check_value(parameter, parameter.value_number)


def check_value(parameter, value):
    """Raise ValidationError when a parameter cannot have this value.

    :param float value: what it has, or would have
    """
    if parameter.role in ('number', 'text'):
        return
    most = MOST.get(parameter.role, 100 if parameter.role.endswith('_percent') else MOST_DAYS)
    least = LEAST.get(parameter.role, 0)
    if not least <= value <= most:
        raise ValidationError(parameter.env._(
            "“%(name)s” lies between %(least)s and %(most)s, not at %(value)s.", name=parameter.name, least=least, most=most,
            value=value,
        ))


class FulfilmentClause(models.Model):
    """A clause of the library. Wording that legal has signed off is changed by a new version only."""
    _name = 'fulfilment.clause'
    _description = 'Clause'
    _check_company_domain = models.check_company_domain_parent_of
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread', 'fulfilment.guard.mixin']
    _order = 'category_id, sequence, name, version desc'

    category_id = fields.Many2one('fulfilment.clause.category', required=True, index=True, ondelete='restrict', tracking=True)
    type_ids = fields.Many2many('fulfilment.contract.type', string="Contract types", help="Empty: suits every type.", tracking=True)
    body = fields.Text(
        string="Wording", required=True, translate=True,
        help="Plain text. A key in braces, such as {payment_days}, stands for the parameter of that key; {our_company}, {customer}, "
             "{amount}, {amount_in_words}, {currency}, {contract_number}, {date_start}, {date_end} and {bank_account} for the "
             "contract's own.", tracking=True,
    )
    parameter_ids = fields.One2many('fulfilment.clause.parameter', 'clause_id', copy=True)
    version = fields.Integer(default=1, readonly=True, copy=False, aggregator=None, guarded=True)
    previous_id = fields.Many2one(
        'fulfilment.clause', string="Previous version", readonly=True, copy=False, index='btree_not_null', guarded=True,
    )
    legal_state = fields.Selection(
        [('draft', "To review"), ('signed_off', "Signed off")], string="Legal review", default='draft', required=True,
        readonly=True, copy=False, tracking=True, guarded=True,
    )
    legal_user_id = fields.Many2one(
        'res.users', string="Signed off by", readonly=True, copy=False, ondelete='restrict', tracking=True, guarded=True,
    )
    legal_date = fields.Date(string="Signed off on", readonly=True, copy=False, tracking=True, guarded=True)

    @api.depends('name', 'version')
    def _compute_display_name(self):
        for clause in self:
            clause.display_name = f'{clause.name} (v{clause.version})' if clause.version > 1 else clause.name or ''

    @api.constrains('body', 'parameter_ids')
    def _check_placeholders(self):
        if self.env.context.get('install_mode'):
            return  # data files bring the parameters after their clause
        for clause in self:
            unknown = set(placeholders.keys(clause.body)) - KNOWN_TO_CONTRACTS - set(clause.parameter_ids.mapped('key'))
            if unknown:
                raise ValidationError(self.env._(
                    "Clause “%(clause)s” uses %(keys)s, which is neither one of its parameters nor known to every contract. "
                    "Add the parameter or correct the wording.",
                    clause=clause.name, keys=', '.join('{%s}' % key for key in sorted(unknown)),
                ))

    def write(self, vals):
        wording = {'body', 'parameter_ids', 'category_id'}
        if not self.env.su and wording & without_unchanged(self, vals, wording).keys():
            self._check_not_signed_off()
        return super().write(vals)

    def _update_field_translations(self, field_name, translations, *args, **kwargs):
        if not self.env.su and field_name == 'body':
            self._check_not_signed_off()  # Odoo stores translations before it calls write
        return super()._update_field_translations(field_name, translations, *args, **kwargs)

    def _check_not_signed_off(self):
        for clause in self:
            if clause.legal_state == 'signed_off':
                raise UserError(self.env._(
                    "Clause “%(clause)s” has been signed off. Make a new version of it to change its wording.", clause=clause.display_name,
                ))

    @before_deletion
    def _unlink_except_signed_off(self):
        self._check_not_signed_off()

    def action_sign_off(self):
        """Record that legal has reviewed the wording. For members of the legal group."""
        if not self.env.user.has_group('fulfilment_crm.group_legal') and not self.env.user.has_group('fulfilment_crm.group_manager'):
            raise UserError(self.env._("Only members of the legal group sign clauses off."))
        self.check_access('write')
        # safe: guarded fields, set after the check of the group and of the right to write
        self.sudo().write({
            'legal_state': 'signed_off', 'legal_user_id': self.env.uid, 'legal_date': fields.Date.context_today(self),
        })
        return True

    def action_new_version(self):
        """Make the next version of a clause, to be reviewed again. The older one stays with the contracts that use it."""
        self.ensure_one()
        successor = self.copy({'name': self.name})
        # safe: version numbers are guarded; the copy above was made with the user's own rights
        successor.sudo().write({'version': self.version + 1, 'previous_id': self.id})
        self.action_archive()
        lines = self.env['fulfilment.contract.template.clause'].search([('clause_id', '=', self.id)])
        lines.clause_id = successor
        return successor._get_records_action()


class FulfilmentClauseParameter(models.Model):
    _name = 'fulfilment.clause.parameter'
    _description = 'Clause parameter'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'sequence, id'

    clause_id = fields.Many2one('fulfilment.clause', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10, tracking=True)
    key = fields.Char(
        string="Parameter key", required=True, help="Lower-case letters and underscores; stands in braces in the wording.", tracking=True,
    )
    name = fields.Char(string="Label", required=True, translate=True, tracking=True)
    role = fields.Selection(
        ROLES, string="Meaning", required=True, default='text', help="What the contract does with the value.", tracking=True,
    )
    value_number = fields.Float(string="Numeric value", tracking=True)
    value_text = fields.Char(string="Text", translate=True, tracking=True)

    _audit_field = 'clause_id'
    _key_unique = models.UniqueIndex('(clause_id, key)', "A clause has each parameter once.")

    @api.model_create_multi
    def create(self, vals_list):
        parameters = super().create(vals_list)
        parameters._check_not_signed_off()
        return parameters

    def write(self, vals):
        self._check_not_signed_off()
        result = super().write(vals)
        self._check_not_signed_off()
        return result

    @before_deletion
    def _unlink_except_signed_off(self):
        self._check_not_signed_off()

    def _check_not_signed_off(self):
        if not self.env.su:
            self.clause_id._check_not_signed_off()

    @api.constrains('role', 'value_number')
    def _check_value(self):
        check_values(self)

    @api.constrains('key')
    def _check_key(self):
        for parameter in self:
            if placeholders.keys('{%s}' % parameter.key) != [parameter.key]:
                raise ValidationError(self.env._(
                    "“%(key)s” cannot stand in braces: use lower-case letters and underscores only.", key=parameter.key,
                ))
