from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools import markup


class FulfilmentApproval(models.Model):
    """The page of a step: what is asked, by whom, about whom, and what it changes. Decided here or on the record, it is the same."""
    _inherit = 'fulfilment.approval'

    kind_name = fields.Char(string="What", compute='_compute_asked', help="What kind of record is to be approved.")
    partner_id = fields.Many2one('res.partner', string="Customer", compute='_compute_asked')
    amount = fields.Monetary(compute='_compute_asked', help="In the currency of the company. None where it has no limit.")
    currency_id = fields.Many2one(related='company_id.currency_id')
    can_decide = fields.Boolean(string="I am asked", compute='_compute_can_decide')
    facts = fields.Html(string="About the customer", compute='_compute_page', sanitize=False)
    effects = fields.Html(string="What the approval changes", compute='_compute_page', sanitize=False)
    document = fields.Html(compute='_compute_page', sanitize=False)

    @api.depends('res_model', 'res_id')
    @api.depends_context('lang', 'uid')
    def _compute_asked(self):
        self._blank('kind_name', 'partner_id', 'amount')
        for model, records in self._readable().items():
            # safe: customer and amount of what the user may read
            records = records.sudo()
            customers, amounts = records._approval_customers(), records._approval_amounts()
            for approval in self.filtered(lambda one, model=model, ids=set(records.ids): one.res_model == model and one.res_id in ids):
                record = records.browse(approval.res_id)
                approval.kind_name = self.env['ir.model']._get(model).name
                approval.partner_id = customers[record].with_env(self.env)
                approval.amount = amounts[record] if abs(amounts[record]) < float('inf') else 0.0

    @api.depends('state', 'candidate_ids')
    @api.depends_context('uid')
    def _compute_can_decide(self):
        for approval in self:
            # safe: tells users whether they are asked
            approval.can_decide = approval.state == 'pending' and self.env.user in approval.sudo().candidate_ids

    @api.depends('res_model', 'res_id', 'state')
    @api.depends_context('lang', 'uid')
    def _compute_page(self):
        self._blank('facts', 'effects', 'document')
        before, after = self.env._("Before"), self.env._("Afterwards")
        for model, records in self._readable().items():
            known_by = self.filtered(lambda one, model=model: one.res_model == model)._known_to_reader()
            decided = records & records.browse(known_by.mapped('res_id'))
            # safe: what whoever is asked to decide has to know of a record they may read; nobody else is told more than they may read
            facts, effects = decided.sudo()._approval_facts(), decided.sudo()._approval_effects()
            documents = records._approval_documents()
            for approval in self.filtered(lambda one, model=model, ids=set(records.ids): one.res_model == model and one.res_id in ids):
                record = records.browse(approval.res_id)
                told = approval in known_by
                known, changed = (facts[record.sudo()], effects[record.sudo()]) if told else ([], [])
                approval.facts = markup.pairs(known) if known else False
                # What has been decided has changed already.
                approval.effects = markup.table(['', before, after], changed, left=3) \
                    if changed and approval.state in ('pending', 'waiting') else False
                approval.document = documents[record] or False

    def _blank(self, *names):
        """Set computed fields empty, for records that nobody may read."""
        for name in names:
            self[name] = False

    def _known_to_reader(self):
        """Return those where the user is told what is known of the customer: while they are asked, or when they may read it anyway."""
        return self.filtered('can_decide')

    def _readable(self):
        """Return the records of these approvals that the user may read: ``{model: records}``."""
        return {
            model: self.env[model].browse(set(approvals.mapped('res_id'))).exists()._filtered_access('read')
            for model, approvals in self.grouped('res_model').items()
        }

    # === ACTIONS === #

    def action_approve(self):
        """Take these steps, as on their records.

        :raise UserError: when a record has moved on to another step
        :raise AccessError: when it waits for others
        """
        self.check_access('read')
        for model, approvals in self.grouped('res_model').items():
            if len(approvals) == 1:
                self.env[model].browse(approvals.res_id).action_approve(approvals.id)
                continue
            approvals._check_pending()
            self.env[model].browse(approvals.mapped('res_id')).action_approve()
        return True

    def action_reject(self):
        """Ask why, and refuse the step, as on its record."""
        self.ensure_one()
        self.check_access('read')
        self._check_pending()
        return self.env[self.res_model].browse(self.res_id).action_reject()

    def _check_pending(self):
        """Check that these steps are to be decided now.

        :raise UserError: naming the first that is not
        """
        if decided := self.filtered(lambda one: one.state != 'pending')[:1]:
            raise UserError(self.env._("%(name)s: step “%(step)s” is not to be decided.", name=decided.record_name, step=decided.name))
