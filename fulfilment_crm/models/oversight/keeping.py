from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.deletion import before_deletion
from ..base.run import Action
from ..base.to_do_mixin import ToDo, check_colleagues

SEALS = [
    ('company', "Company seal"), ('contract', "Contract seal"), ('finance', "Finance seal"), ('legal', "Seal of the legal representative"),
    ('invoice', "Invoice seal"), ('other', "Other seal"),
]


class FulfilmentSealUse(models.Model):
    """That a paper was sealed: which seal, by whom, for whom, when, how many copies."""
    _name = 'fulfilment.seal.use'
    _description = 'Use of a seal'
    _inherit = ['fulfilment.chatter.mixin', 'fulfilment.guard.mixin']
    _order = 'date desc, id desc'
    _rec_name = 'document'
    _mail_post_access = 'read'

    contract_id = fields.Many2one('fulfilment.contract', required=True, index=True, ondelete='restrict', tracking=True)
    company_id = fields.Many2one(related='contract_id.company_id', store=True, index=True)
    seal = fields.Selection(SEALS, required=True, default='contract', tracking=True)
    document = fields.Char(string="Paper", required=True, tracking=True, help="Contract, amendment, letter, power of attorney.")
    date = fields.Date(string="Sealed on", required=True, default=fields.Date.context_today, index=True, tracking=True)
    copies = fields.Integer(required=True, default=2, tracking=True)
    user_id = fields.Many2one(
        'res.users', string="Sealed by", required=True, ondelete='restrict', default=lambda self: self.env.user, tracking=True,
        domain="[('share', '=', False)]",
    )
    asked_by_id = fields.Many2one('res.users', string="Asked for by", ondelete='set null', tracking=True, domain="[('share', '=', False)]")
    note = fields.Char(tracking=True)

    _copies_check = models.Constraint('CHECK(copies BETWEEN 1 AND 1000)', "Between one and 1,000 copies.")

    @api.constrains('date')
    def _check_date(self):
        today = self.company_id._fulfilment_today()
        for one in self:
            if one.date > today[one.company_id]:
                raise UserError(self.env._("“%s” is entered once it is sealed: the day is still to come.", one.document))

    @before_deletion
    def _unlink_except_never(self):
        raise UserError(self.env._("What was sealed stays in the register."))


class FulfilmentOriginalLoan(models.Model):
    """That an original was lent: to whom, until when, and that it came back."""
    _name = 'fulfilment.original.loan'
    _description = 'Loan of an original'
    _inherit = ['fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.flow.mixin', 'fulfilment.guard.mixin']
    _order = 'date_due, id desc'
    _rec_name = 'document'
    _mail_post_access = 'read'
    _to_do_type = 'fulfilment_crm.activity_type_loan'

    contract_id = fields.Many2one('fulfilment.contract', required=True, index=True, ondelete='restrict', tracking=True)
    company_id = fields.Many2one(related='contract_id.company_id', store=True, index=True)
    document = fields.Char(string="Original", required=True, tracking=True)
    user_id = fields.Many2one(
        'res.users', string="Lent to", required=True, ondelete='restrict', tracking=True, domain="[('share', '=', False)]",
    )
    purpose = fields.Char(tracking=True)
    date = fields.Date(string="Lent on", required=True, default=fields.Date.context_today, tracking=True)
    date_due = fields.Date(
        string="To be brought back by", required=True, tracking=True, index=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=self.env.company.fulfilment_seal_days),
    )
    returned_on = fields.Date(string="Brought back on", readonly=True, copy=False, guarded=True)
    state = fields.Selection(
        [('lent', "Lent"), ('returned', "Brought back"), ('lost', "Lost")], required=True, readonly=True, default='lent', index=True,
        copy=False, tracking=True, guarded=True,
    )
    _moves = {'lent': {'returned', 'lost'}, 'returned': set(), 'lost': {'returned'}}
    told_for = fields.Date(readonly=True, copy=False, guarded=True, help="The day for which the borrower was reminded.")

    _dates_check = models.Constraint('CHECK(date_due >= date)', "An original is brought back after it was lent.")

    @api.constrains('user_id')
    def _check_owner(self):
        check_colleagues(self)

    def action_returned(self):
        """Say that originals are back."""
        self.check_access('write')
        today = self.company_id._fulfilment_today()
        # safe: guarded; the right to write was checked
        for one in self.sudo():
            one._move_to('returned', returned_on=today[one.company_id])
        self.sudo().activity_unlink([self._to_do_type])  # safe: as above
        return True

    def action_lost(self, reason=None):
        """Say that originals are lost.

        :param str reason: what happened; asked for in a dialog when missing
        """
        self.check_access('write')
        self._check_move('lost')
        if not (reason or '').strip():
            return self._ask_reason('action_lost', self.env._("What happened to it?"))
        loans = self.sudo()  # safe: as above
        loans._move_to('lost')
        loans._message_log_batch({one.id: reason.strip() for one in loans})
        return True

    @before_deletion
    def _unlink_except_never(self):
        raise UserError(self.env._("Loans of originals stay in the register."))

    @api.model
    def _cron_loans(self, as_of=None):
        """Remind borrowers, once for each day an original is due.

        :param as_of: the day to work for (date, or naive UTC datetime); with None each company's own today
        """
        self = self.sudo()  # safe: a scheduled action works for all companies
        run = self.env['fulfilment.run']._open('loans', as_of)
        days = self.env['res.company'].search([])._fulfilment_today(as_of)
        due = self.search([('state', '=', 'lent'), ('date_due', '<=', max(days.values()))]).filtered(
            lambda one: one.date_due <= days[one.company_id] and one.told_for != one.date_due,
        )
        if run._slices(due, self._remind):
            run._close()

    @api.model
    def _remind(self, loans):
        """Give borrowers a to-do; returns ``{effect: count}``."""
        to_dos = []
        for one in loans:
            one.told_for = one.date_due
            user = one.user_id if one.user_id.active else one.company_id.fulfilment_manager_id
            if user.active:
                to_dos.append(ToDo(one, user, user._fulfilment_env()._("Bring the original back"), one.date_due))
        self.env['mail.activity']._fulfilment_give(self._to_do_type, to_dos)
        return {'loans due': len(to_dos)}


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    seal_use_ids = fields.One2many('fulfilment.seal.use', 'contract_id', string="Seals", for_colleagues=True)
    loan_ids = fields.One2many('fulfilment.original.loan', 'contract_id', string="Originals lent", for_colleagues=True)


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(93, 'loans', self.env._("Originals lent"), 'fulfilment.original.loan', '_cron_loans')]

    @api.model
    def _effect_labels(self):
        return {**super()._effect_labels(), 'loans due': self.env._("Originals to be brought back")}
