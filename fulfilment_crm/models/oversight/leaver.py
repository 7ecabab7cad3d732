from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools import markup

# What passes on when somebody leaves: model, field of the person, and what is still open of it. The order is that of the list shown.
HANDED = [
    ('fulfilment.contract', 'user_id', [('state', 'not in', ('closed', 'terminated', 'cancelled'))]),
    ('fulfilment.milestone', 'user_id', [('state', '=', 'pending')]),
    ('fulfilment.amendment', 'user_id', [('state', 'not in', ('applied', 'cancelled'))]),
    ('res.partner', 'user_id', []),
    ('fulfilment.ticket', 'user_id', [('is_open', '=', True)]),
    ('fulfilment.risk', 'user_id', [('state', '!=', 'closed')]),
    ('fulfilment.response', 'user_id', [('state', '=', 'running')]),
    ('fulfilment.response.step', 'user_id', [('state', 'in', ('waiting', 'running'))]),
    ('fulfilment.alert', 'user_id', [('state', 'in', ('open', 'acknowledged'))]),
    ('fulfilment.improvement', 'user_id', [('state', '=', 'open')]),
    ('fulfilment.communication.plan', 'user_id', []),
    ('fulfilment.care.occasion', 'user_id', []),
    ('fulfilment.care.task', 'user_id', [('state', '=', 'planned')]),
    ('fulfilment.payment.promise', 'user_id', [('state', '=', 'open')]),
    ('fulfilment.dispute', 'user_id', [('state', '=', 'open')]),
    ('fulfilment.breach', 'user_id', [('state', 'not in', ('closed', 'withdrawn'))]),
    ('fulfilment.legal.step', 'user_id', [('state', 'in', ('planned', 'running'))]),
    ('fulfilment.review', 'user_id', [('state', 'in', ('planned', 'in_review'))]),
    ('fulfilment.review.plan', 'user_id', []),
    ('fulfilment.finding', 'user_id', [('state', 'in', ('open', 'in_work', 'done'))]),
    ('fulfilment.process.check', 'user_id', []),
    ('fulfilment.mechanism', 'user_id', []),
    ('fulfilment.handover', 'to_user_id', [('state', '!=', 'accepted')]),
]

# Records that may hold for all companies.
SHARED = ('res.partner', 'fulfilment.review.plan', 'fulfilment.process.check', 'fulfilment.mechanism')


class FulfilmentLeaver(models.TransientModel):
    """Whoever leaves hands over everything open in one step: contracts, customers, tickets, to-dos."""
    _name = 'fulfilment.leaver'
    _description = 'Handover of everything open'
    _inherit = ['fulfilment.guard.mixin']

    from_user_id = fields.Many2one('res.users', string="Who leaves", required=True, domain="[('share', '=', False)]", ondelete='cascade')
    to_user_id = fields.Many2one('res.users', string="Who takes over", required=True, domain="[('share', '=', False)]", ondelete='cascade')
    company_id = fields.Many2one('res.company', required=True, default=lambda self: self.env.company, ondelete='cascade')
    reason = fields.Char(required=True, default=lambda self: self.env._("Leaves the company"))
    overview = fields.Html(string="What is handed over", compute='_compute_overview', sanitize=False)

    @api.depends('from_user_id', 'company_id')
    def _compute_overview(self):
        for one in self:
            rows = [(self.env['ir.model']._get(model).name, len(found)) for model, _field, found in one._open_records()] \
                if one.from_user_id else []
            one.overview = markup.lines([
                self.env._("%(what)s: %(number)s", what=name, number=number) for name, number in rows if number
            ]) if rows else False

    def _open_records(self):
        """Return what is open of whoever leaves: ``[(model, field, records)]``, as superuser."""
        self.ensure_one()
        found = []
        for model, field, domain in HANDED:
            # safe: counted and passed on by managers, who alone may make the dialog
            records = self.env[model].sudo().with_context(active_test=False)
            at = [('company_id', 'in', (False, self.company_id.id))] if model in SHARED else [
                ('company_id', '=', self.company_id.id),
            ]
            found.append((model, field, records.search([(field, '=', self.from_user_id.id), *at, *domain])))
        # safe: as above
        activities = self.env['mail.activity'].sudo().search([('user_id', '=', self.from_user_id.id), ('active', '=', True)])
        return [*found, ('mail.activity', 'user_id', activities)]

    def action_confirm(self):
        """Hand everything over, all or nothing.

        :raise UserError: where the two are one, or the new one does not work in the company
        """
        self.ensure_one()
        self.check_access('write')
        before, after = self.from_user_id, self.to_user_id
        if before == after:
            raise UserError(self.env._("Hand over to somebody else than %s.", before.name))
        # safe: whether the new one works there
        if self.company_id not in after.sudo().company_ids or not after.active or after.share:
            raise UserError(self.env._("%(name)s does not work in %(company)s.", name=after.name, company=self.company_id.name))
        note = self.env._("Handed over from %(before)s to %(after)s: %(reason)s", before=before.name, after=after.name, reason=self.reason)
        for _model, field, records in self._open_records():
            if not records:
                continue
            records.with_context(mail_activity_quick_update=True).write({field: after.id})
            if hasattr(records, '_message_log_batch'):
                records._message_log_batch(dict.fromkeys(records.ids, note))
        # safe: parts in account teams pass on as if each had been handed over by hand
        members = self.env['fulfilment.account.member'].sudo().search([
            ('user_id', '=', before.id), ('company_id', '=', self.company_id.id), ('is_current', '=', True),
        ])
        if members:
            members._reassign(after, fields.Date.context_today(self))
        return {'type': 'ir.actions.act_window_close'}
