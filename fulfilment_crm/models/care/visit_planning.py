"""Visits planned by hand: from a customer's profile, from a contract, and the ones a care plan asks for, put elsewhere."""
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ...tools.address import one_line
from ...tools.local_time import at


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    def action_plan_visit(self):
        """Plan a visit of this customer: a meeting in the user's calendar, tomorrow unless another day is chosen."""
        self.ensure_one()
        self.check_access('read')
        return _visit(self.env, self.company_id, self.partner_id, self.partner_id)


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    def action_plan_visit(self):
        """Plan a visit about this contract: a meeting in the user's calendar, tomorrow unless another day is chosen."""
        self.ensure_one()
        self.check_access('read')
        return _visit(self.env, self.company_id, self.partner_id, self)


class FulfilmentCareTask(models.Model):
    _inherit = 'fulfilment.care.task'

    def action_move(self):
        """Put a visit, a call or a follow-up on another day; the task follows its meeting or to-do.

        :raise UserError: when the task is not open, or has no to-do any more
        """
        self.ensure_one()
        self.check_access('read')
        if not any(self.env.user.has_group(f'fulfilment_crm.{group}') for group in ('group_user', 'group_service')):
            raise AccessError(self.env._("Visits and calls are moved by those who see to customers."))
        if self.state != 'planned':
            raise UserError(self.env._("“%s” is not open any more.", self.display_name))
        if self.kind == 'visit' and not self.event_id:
            # safe: the meeting of a task one reads, as the care plan would have made it
            self.sudo()._put_into_calendar(self.company_id)
        if self.event_id:
            return _form(self.env, self.env._("Move the visit"), 'calendar_event_view_form_visit', self.event_id)
        # safe: whether there is a to-do; it opens with the user's own rights
        activity = self.sudo().activity_id.with_env(self.env)
        if not activity:
            raise UserError(self.env._("The to-do of “%s” was deleted: log the contact when it has happened.", self.display_name))
        return _form(self.env, self.env._("Move the contact"), 'mail.mail_activity_view_form_popup', activity)


def _visit(env, company, partner, record):
    start = at(company._fulfilment_today()[company] + timedelta(days=1), company.fulfilment_care_hour, company._fulfilment_zone())
    return {
        **_form(env, env._("Plan a visit"), 'calendar_event_view_form_visit', env['calendar.event']),
        'context': {
            'default_name': env._("Visit: %s", partner.display_name), 'default_res_model': record._name, 'default_res_id': record.id,
            'default_start': fields.Datetime.to_string(start), 'default_stop': fields.Datetime.to_string(start + timedelta(hours=1)),
            'default_partner_ids': env.user.partner_id.ids, 'default_user_id': env.uid,
            'default_location': one_line(partner._display_address(without_company=True)),
        },
    }


def _form(env, title, view, record):
    return {
        'type': 'ir.actions.act_window', 'name': title, 'res_model': record._name, 'res_id': record.id, 'target': 'new',
        'views': [(env.ref(view if '.' in view else f'fulfilment_crm.{view}').id, 'form')],
    }
