from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .binding import binding


class FulfilmentApprovalChain(models.Model):
    _name = 'fulfilment.approval.chain'
    _description = 'Approval chain'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread', 'fulfilment.condition.mixin']

    sequence = fields.Integer(default=10, tracking=True)
    model = fields.Selection(selection='_selection_model', string="Applies to", required=True, tracking=True)
    domain = fields.Char(default='[]', help="Which records this chain serves. The first chain in order that fits is taken.", tracking=True)
    step_ids = fields.One2many('fulfilment.approval.step', 'chain_id', copy=True)

    @api.model
    def _selection_model(self):
        return sorted(
            (name, self.env['ir.model']._get(name).name) for name in self.env['fulfilment.approval']._approved_models()
        )

    @api.constrains('step_ids')
    def _check_steps(self):
        for chain in self:
            if not chain.step_ids:
                raise ValidationError(self.env._("Chain “%(chain)s” needs at least one step.", chain=chain.name))

    def _chains_for(self, records):
        """Find the chain that serves each record.

        :return: ``{record: chain}``, without the records no chain fits
        """
        # safe: the rules of approval bind whoever submits, also one who may not read the configuration
        chains = binding(self).search([('model', '=', records._name)])
        found = {record.id: own for record in records if (own := record._own_chain())}
        left = records.filtered(lambda record: record.id not in found)
        for chain in chains:
            fits = left.sudo().filtered_domain(chain._parsed_domain())
            if chain.company_id:
                fits = fits.filtered(lambda record, chain=chain: chain.company_id in record.company_id.parent_ids)
            for record in fits:
                found[record.id] = chain
            left -= fits.sudo(left.env.su)
        return {record: found[record.id] for record in records if record.id in found}


class FulfilmentApprovalStep(models.Model):
    _name = 'fulfilment.approval.step'
    _description = 'Step of an approval chain'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'sequence, id'

    chain_id = fields.Many2one('fulfilment.approval.chain', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10, tracking=True)
    name = fields.Char(required=True, translate=True, tracking=True)
    group_id = fields.Many2one('res.groups', ondelete='restrict', help="Any one of this group may take the step.", tracking=True)
    user_id = fields.Many2one(
        'res.users', string="Person", ondelete='restrict', help="Only this person, or whoever stands in.", tracking=True,
    )
    of_responsible = fields.Boolean(
        string="Only the responsible", help="Of the group only whoever is responsible for the record, if one of it is.", tracking=True,
    )
    minimum_amount = fields.Float(
        string="From amount", help="In the company's currency; the step is left out below it. 0: always asked.",
        tracking=True,
    )

    _audit_field = 'chain_id'
    _group_or_user = models.Constraint(
        'CHECK((group_id IS NULL) <> (user_id IS NULL))', "A step is taken either by a group or by a person.",
    )
