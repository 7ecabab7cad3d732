from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class FulfilmentSuspension(models.Model):
    """Days of delay that do not count: force majeure, or a delay of the other side. A document proves them."""
    _name = 'fulfilment.suspension'
    _description = 'Suspended days'
    _inherit = ['fulfilment.chatter.mixin', 'fulfilment.guard.mixin']
    _order = 'date_from desc, id desc'
    _rec_name = 'reason'
    _mail_post_access = 'read'

    contract_id = fields.Many2one('fulfilment.contract', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='contract_id.company_id', store=True, index=True)
    milestone_ids = fields.Many2many(
        'fulfilment.milestone', 'fulfilment_suspension_milestone_rel', string="Milestones", domain="[('contract_id', '=', contract_id)]",
        help="Empty: all milestones of the contract.",
    )
    obligor = fields.Selection(
        [('us', "Us"), ('customer', "The customer")], string="Whose delay", required=True, default='us',
        help="The side whose delay does not count on these days.",
    )
    date_from = fields.Date(string="First day", required=True, tracking=True)
    date_to = fields.Date(string="Last day", required=True, tracking=True)
    reason = fields.Char(required=True, tracking=True)
    document_ids = fields.Many2many(
        'ir.attachment', 'fulfilment_suspension_document_rel', string="Documents", bypass_search_access=True, required=True,
        help="What proves it: a certificate, a letter, a report.",
    )

    _dates_check = models.Constraint('CHECK(date_to >= date_from)', "The last of the suspended days is not before the first.")

    @api.constrains('milestone_ids', 'contract_id', 'document_ids')
    def _check_milestones(self):
        for suspension in self:
            if suspension.milestone_ids.contract_id - suspension.contract_id:
                raise ValidationError(self.env._("“%s”: choose milestones of its contract.", suspension.reason))
            # Who saves may not read every document: what was read in that role says less than there is.
            suspension.invalidate_recordset(['document_ids'])
            # safe: whether a document is attached
            if not suspension.sudo().document_ids:
                raise ValidationError(self.env._("“%s”: attach the document that proves it.", suspension.reason))

    @api.model_create_multi
    def create(self, vals_list):
        suspensions = super().create(vals_list)
        suspensions._check_whose()
        suspensions._reckon_again()
        return suspensions

    def write(self, vals):
        before = self.contract_id
        result = super().write(vals)
        self._check_whose()
        # safe: what follows from days that the user was allowed to enter
        (before | self.contract_id).sudo()._reckon_damages_again()
        return result

    def unlink(self):
        self._check_whose()
        contracts = self.contract_id
        result = super().unlink()
        contracts.sudo()._reckon_damages_again()  # safe: as above
        return result

    def _reckon_again(self):
        # safe: as above
        self.contract_id.sudo()._reckon_damages_again()

    def _check_whose(self):
        """Let nobody who has to perform declare alone that the own side's delay does not count.

        :raise UserError: with who may
        """
        user = self.env.user
        if self.env.su or any(user.has_group(f'fulfilment_crm.group_{role}') for role in ('legal', 'manager', 'leader')):
            return
        raise UserError(self.env._("Suspended days are entered by legal, a team leader or a manager."))

    def _days_of(self, milestone):
        """Return the days on which a milestone's delay does not count: ``[(first, last)]``."""
        return [
            (one.date_from, one.date_to) for one in self
            if one.obligor == milestone.obligor and (not one.milestone_ids or milestone in one.milestone_ids)
        ]
