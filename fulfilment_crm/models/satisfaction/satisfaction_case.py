from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import plaintext2html

from ...tools.shown_date import shown_date
from ..base.told import _lt, told
from .survey_question import DIMENSIONS


class FulfilmentSatisfaction(models.Model):
    """A dissatisfied customer becomes a case of the service supervisor: a complaint whose deadlines say when a proposal is due."""
    _inherit = 'fulfilment.satisfaction'

    ticket_id = fields.Many2one('fulfilment.ticket', string="Case", readonly=True, index='btree_not_null', ondelete='set null')

    is_case_readable = fields.Boolean(compute='_compute_is_case_readable', help="Whether the user may open the case.")

    @api.depends('ticket_id')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_is_case_readable(self):
        readable = self.ticket_id._filtered_access('read')
        for result in self:
            result.is_case_readable = bool(result.ticket_id & readable)

    def _is_guarded(self, field):
        return field.name == 'ticket_id' or super()._is_guarded(field)

    def _on_dissatisfied(self):
        done = super()._on_dissatisfied()
        fresh = self.filtered(lambda result: not result.ticket_id)
        # Nobody's request: it follows from the answer, whoever gave or entered it.
        tickets = self.env['fulfilment.ticket'].with_user(SUPERUSER_ID).create([result._prepare_case_vals() for result in fresh])
        for result, ticket in zip(fresh, tickets, strict=True):
            result.ticket_id = ticket.id
        return done

    def _prepare_case_vals(self):
        self.ensure_one()
        company, customer = self.company_id, self.commercial_partner_id
        people = (company.fulfilment_service_supervisor_id, company.fulfilment_manager_id)
        asked = next((user for user in people if user.active and company in user.company_ids), self.env['res.users'])
        case = self.with_context(lang=asked.lang or company.partner_id.lang or self.env.lang)
        return {
            'title': told(self.env, _lt("Dissatisfied: %s", customer.display_name)), 'description': plaintext2html(case._case_text()),
            'ticket_type': 'complaint', 'urgency': 'important', 'origin': 'survey', 'partner_id': self.partner_id.id,
            'company_id': company.id, 'contract_id': self.contract_id.id,
            # Without anybody set, the team finds somebody as for any other complaint.
            'user_id': asked.id,
        }

    def _case_text(self):
        """Return the marks and the comment, in the customer's words."""
        self.ensure_one()
        names = dict(self._fields['source']._description_selection(self.env))
        lines = [self.env._("Answer to the survey of %(date)s, %(how)s", date=shown_date(self.env, self.date), how=names[self.source])]
        if self.entered_by_id:
            lines.append(self.env._("Entered by %s", self.entered_by_id.name))
        lines += [
            f'{self._fields[dimension]._description_string(self.env)}: {self[dimension]:.2f}'
            for dimension, _name in DIMENSIONS if self[dimension] is not None
        ]
        if self.comment:
            lines += ['', self.comment]
        return '\n'.join(lines)

    def action_open_case(self):
        """Open the case of a dissatisfied customer."""
        return self.ticket_id._get_records_action(name=self.env._("Case"))
