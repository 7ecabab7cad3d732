from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools.local_time import clock, noon_of
from ..base.later import do_later
from ..base.told import _lt, told
from .breach import ENDED
from .called_day import day_of_call


class FulfilmentBreach(models.Model):
    """How cases go on and end."""
    _inherit = 'fulfilment.breach'

    # === ACTIONS === #

    def action_notice(self):
        """Write a notice to the customer: opens its draft."""
        self.ensure_one()
        self.check_access('write')
        notice = self.env['fulfilment.notice'].create({'breach_id': self.id})
        return notice._get_records_action(name=self.env._("Formal notice"))

    def action_cured(self, date=None):
        """Say that it was put right.

        :param date: the day, a date or its text; today in the company's time zone when missing
        """
        self.check_access('write')
        today = self.company_id._fulfilment_today()
        for breach in self:
            day = day_of_call(self.env, date) if date else today[breach.company_id]
            if not breach.opened_on <= day <= today[breach.company_id]:
                raise UserError(self.env._("%s was put right between its opening and today.", breach.display_name))
            # safe: guarded; the right to write was checked
            breach.sudo()._move_to('cured', cured_on=day)
        return True

    def action_claim(self):
        """Say that the amount is claimed."""
        self.check_access('write')
        for breach in self:
            if breach.currency_id.compare_amounts(breach.amount_claimed, 0) <= 0:
                raise UserError(self.env._("%s: enter what is claimed first.", breach.display_name))
        self.sudo()._move_to('claimed')  # safe: as above
        return True

    def action_settle(self, reason=None):
        """Say that the sides have settled.

        :param str reason: how; asked for in a dialog when missing
        """
        return self._end_by('settled', 'action_settle', self.env._("How was it settled?"), reason)

    def action_close(self, reason=None):
        """Close cases that were cured, settled or came to an end before court.

        :param str reason: the outcome; asked for in a dialog when missing
        """
        return self._end_by('closed', 'action_close', self.env._("What came of it?"), reason)

    def action_withdraw(self, reason=None):
        """Withdraw cases that were none: they count nowhere.

        :param str reason: why; asked for in a dialog when missing
        :raise AccessError: where it is ours, for anybody but a leader, legal or a manager
        """
        user = self.env.user
        ours = self.filtered(lambda one: one.party == 'us')
        if ours and not self.env.su and not any(user.has_group(f'fulfilment_crm.group_{role}') for role in ('leader', 'legal', 'manager')):
            raise AccessError(self.env._(
                "%s is about a breach of ours: a team leader, legal or a manager withdraws it.", ours[0].display_name,
            ))
        return self._end_by('withdrawn', 'action_withdraw', self.env._("Withdraw the case"), reason)

    def action_reopen(self, reason=None):
        """Open cases again.

        :param str reason: why; asked for in a dialog when missing
        """
        self.check_access('write')
        self._check_move('open')
        if not (reason or '').strip():
            return self._ask_reason('action_reopen', self.env._("Open the case again"))
        # safe: as above
        for breach in self.sudo():
            breach._move_to('open', closed_on=False, cured_on=False, cure_until=False, open_key=f'by hand: {breach.id}')
        self.sudo()._message_log_batch({one.id: reason.strip() for one in self})
        do_later(self, '_judge_customers', 'breaches')
        return True

    # === BUSINESS METHODS === #

    def _end_by(self, state, method, title, reason):
        self.check_access('write')
        self._check_move(state)
        # safe: as above
        breaches, today = self.sudo(), self.company_id._fulfilment_today()
        running = breaches.step_ids.filtered(lambda one: one.state == 'running') if state in ENDED else breaches.step_ids.browse()
        if running:
            raise UserError(self.env._("%s is under way: say what came of it first.", running[0].display_name))
        if not (reason or '').strip():
            return self._ask_reason(method, title)
        for breach in breaches:
            over = {'closed_on': today[breach.company_id], 'open_key': False} if state in ENDED else {}
            breach._move_to(state, outcome='\n'.join(filter(None, (breach.outcome, reason.strip()))), **over)
        if state == 'withdrawn':
            do_later(self, '_judge_customers', 'breaches')
        return True

    def _noticed(self, day):
        """Count the days to put it right from the day the notice was delivered.

        :param date day: of delivery
        """
        for breach in self:
            until = breach._counted_from(day)
            state = {'open': 'noticed'}.get(breach.state)
            if state:
                breach._move_to(state, cure_until=until)
            elif breach.state == 'noticed':
                breach.cure_until = until

    def _counted_from(self, day):
        """Return the last day to put it right: the day of delivery is not counted.

        :raise UserError: when working hours do not say so
        """
        self.ensure_one()
        if self.cure_unit == 'calendar_day':
            return fields.Date.add(day, days=self.cure_days)
        return self.company_id._fulfilment_working_day_after(day, self.cure_days)

    def _judge_customers(self):
        """Have figures and grades of the customers of these cases look at them the same day."""
        broken = self.filtered(lambda one: one.party == 'customer')
        for company, own in broken.grouped(lambda one: one.company_id.root_id).items():
            customers = own.partner_id
            self.env.flush_all()
            self.env['fulfilment.profile']._refresh(customers, companies=company)
            if company.fulfilment_grade_rounds:
                # Nobody's request: whoever opened the case may take a step of the approval.
                self.env['fulfilment.credit.assessment'].with_user(SUPERUSER_ID)._assess(
                    customers, companies=company, occasion='event', note=told(self.env, _lt("Breach of contract")),
                )


class ResCompany(models.Model):
    _inherit = 'res.company'

    def _fulfilment_working_day_after(self, day, number):
        """Return the day so many working days after a day, which is not counted itself."""
        self.ensure_one()
        # safe: working hours of the company the matter is about
        company = self.sudo()
        calendar, zone = company.resource_calendar_id, company._fulfilment_zone()
        moment = self.env['fulfilment.workday']._deadline(calendar, noon_of(day, zone), number, 'working_day', company)
        return clock(moment, zone).date()
