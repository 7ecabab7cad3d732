from odoo import api, fields, models
from odoo.tools import float_repr

from ...tools import placeholders
from ..clause.clause import ROLES, check_values

# In the context of what a contract is created with: its milestones are made when it is complete. No caller can bring this object.
DRAFTING = object()


class FulfilmentContractClause(models.Model):
    """The contract's own copy of a clause: its wording stays, whatever becomes of the library."""
    _name = 'fulfilment.contract.clause'
    _description = 'Contract clause'
    _inherit = ['fulfilment.contract.part.mixin']
    _order = 'sequence, id'

    sequence = fields.Integer(default=10, agreed=True)
    name = fields.Char(required=True, agreed=True)
    category_id = fields.Many2one('fulfilment.clause.category', required=True, index=True, ondelete='restrict', agreed=True)
    clause_id = fields.Many2one('fulfilment.clause', string="From library", index='btree_not_null', ondelete='restrict', agreed=True)
    clause_version = fields.Integer(related='clause_id.version', string="Version", aggregator=None)
    body = fields.Text(string="Wording", required=True, help="With placeholders in braces, filled from the parameters.", agreed=True)
    text = fields.Text(string="Clause", compute='_compute_text', store=True, help="As it is read and signed.")
    parameter_ids = fields.One2many('fulfilment.contract.clause.parameter', 'contract_clause_id', copy=True, agreed=True)
    milestone_ids = fields.One2many('fulfilment.milestone', 'clause_id')
    contract_state = fields.Selection(related='contract_id.state')

    @api.depends(
        'body', 'parameter_ids.value_number', 'parameter_ids.value_text', 'parameter_ids.key', 'contract_id.partner_id',
        'contract_id.amount_total', 'contract_id.currency_id', 'contract_id.date_start', 'contract_id.date_end', 'contract_id.name',
        'contract_id.lang', 'contract_id.state',
    )
    def _compute_text(self):
        values = {contract: contract._placeholder_values() for contract in self.contract_id if contract.state == 'draft'}
        for clause in self:
            if clause.contract_id in values:
                own = {parameter.key: parameter._formatted() for parameter in clause.parameter_ids}
                clause.text = placeholders.fill(clause.body, {**values[clause.contract_id], **own})
            else:
                clause.text = clause.text

    def _fill_text(self):
        """Fill the wording of clauses that an amendment changed."""
        for clause in self:
            own = {parameter.key: parameter._formatted() for parameter in clause.parameter_ids}
            clause.text = placeholders.fill(clause.body, {**clause.contract_id._placeholder_values(), **own})

    @api.model_create_multi
    def create(self, vals_list):
        inner = self.with_context(fulfilment_clauses=DRAFTING)
        clauses = super(FulfilmentContractClause, inner).create(vals_list).with_env(self.env)
        if self.env.context.get('fulfilment_clauses') is not DRAFTING:
            clauses.contract_id._on_terms_added(set(clauses.parameter_ids.mapped('role')))
        return clauses

    def unlink(self):
        contracts, roles = self.contract_id, set(self.parameter_ids.mapped('role'))
        self._made_milestones(self.parameter_ids).unlink()
        result = super().unlink()
        contracts.exists()._on_terms_added(roles)
        return result

    def _made_milestones(self, parameters):
        """Return the milestones of drafts that follow parameters of these clauses."""
        roles = {(parameter.contract_clause_id.id, parameter.role) for parameter in parameters}
        # safe: they go with the clause that the user may take out
        return self.sudo().milestone_ids.filtered(
            lambda one: one.contract_id.state == 'draft' and one.state == 'pending' and (one.clause_id.id, one.clause_role) in roles,
        )

    @api.onchange('clause_id')
    def _onchange_clause_id(self):
        if self.clause_id:
            values = self._prepare_from_library_vals(self.clause_id.with_context(lang=self.contract_id.lang or self.env.lang))
            self.update({**values, 'parameter_ids': [fields.Command.clear(), *values['parameter_ids']]})

    @api.model
    def _prepare_from_library_vals(self, clause):
        """Return the values of a contract clause copied from a library clause, in the language of the clause's context."""
        return {
            'name': clause.name, 'category_id': clause.category_id.id, 'clause_id': clause.id, 'body': clause.body,
            'parameter_ids': [fields.Command.create({
                'key': parameter.key, 'name': parameter.name, 'role': parameter.role,
                'value_number': parameter.value_number, 'value_text': parameter.value_text, 'sequence': parameter.sequence,
            }) for parameter in clause.parameter_ids],
        }


class FulfilmentContractClauseParameter(models.Model):
    _name = 'fulfilment.contract.clause.parameter'
    _description = 'Parameter of a contract clause'
    _inherit = ['fulfilment.contract.part.mixin']
    _order = 'sequence, id'

    contract_clause_id = fields.Many2one('fulfilment.contract.clause', required=True, index=True, ondelete='cascade', agreed=True)
    contract_id = fields.Many2one(related='contract_clause_id.contract_id', store=True, index=True, required=False)
    sequence = fields.Integer(default=10)
    key = fields.Char(string="Parameter key", required=True, agreed=True)
    name = fields.Char(string="Label", required=True, agreed=True)
    role = fields.Selection(ROLES, string="Meaning", required=True, default='text', agreed=True)
    value_number = fields.Float(string="Numeric value", agreed=True)
    value_text = fields.Char(string="Text", agreed=True)

    @api.constrains('role', 'value_number')
    def _check_value(self):
        check_values(self)

    @api.model_create_multi
    def create(self, vals_list):
        parameters = super().create(vals_list)
        if self.env.context.get('fulfilment_clauses') is not DRAFTING:
            parameters.contract_id._on_terms_added(set(parameters.mapped('role')))
        return parameters

    def write(self, vals):
        before = self.contract_clause_id._made_milestones(self) if 'role' in vals else None
        result = super().write(vals)
        if before is not None:
            before.unlink()
        if {'role', 'value_number'} & vals.keys() and self.env.context.get('fulfilment_clauses') is not DRAFTING:
            self.contract_id._on_terms_added(set(self.mapped('role')))
        return result

    def unlink(self):
        contracts, roles = self.contract_id, set(self.mapped('role'))
        self.contract_clause_id._made_milestones(self).unlink()
        result = super().unlink()
        contracts._on_terms_added(roles)
        return result

    def _amend(self, values, reasons, effective):
        """Change values of contracts in force, and what of the contracts follows from them. No two are of one contract.

        :param dict values: ``{parameter: number}``
        :param dict reasons: ``{parameter: why}``, for the history of the milestones
        :param dict effective: ``{parameter: date from which it counts}``
        """
        for value, parameters in self.grouped(values.get).items():
            parameters.value_number = value
        self.contract_clause_id._fill_text()
        accepting = self.filtered(lambda one: one.role == 'acceptance_days' and one.contract_id.deemed_acceptance_days)
        for value, parameters in accepting.grouped(values.get).items():
            parameters.contract_id.deemed_acceptance_days = int(value)
        self.contract_id._amend_terms(
            {one.contract_id: one for one in self}, {one.contract_id: reasons[one] for one in self},
            {one.contract_id: effective[one] for one in self},
        )

    def _formatted(self):
        """Return the value as it reads in the clause; empty when it is still to be filled in."""
        self.ensure_one()
        if self.role == 'text':
            return self.value_text or ''
        return float_repr(self.value_number, 4).rstrip('0').rstrip('.')
