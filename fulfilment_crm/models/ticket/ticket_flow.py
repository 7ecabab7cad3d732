from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import plaintext2html

# Marks what the customer does, under the context key ``fulfilment_by_customer``: an object of ours, which no call from outside can bring.
CUSTOMER = object()


class FulfilmentTicket(models.Model):
    """Every move of a ticket from one kind of state to another, by button, by dragging its card, or by what the customer does."""
    _inherit = 'fulfilment.ticket'

    def write(self, vals):
        """Write a new stage with all that follows from it; everything else is written first."""
        if not vals.get('stage_id'):
            return super().write(vals)
        self.check_access('write')
        rest = {name: value for name, value in vals.items() if name != 'stage_id'}
        if rest:
            super().write(rest)
        stage = self.env['fulfilment.ticket.stage'].browse(vals['stage_id'])
        before = {ticket: ticket.kind for ticket in self if ticket.kind != stage.kind}
        moving = self.browse([ticket.id for ticket in before])
        moving._check_move(stage.kind)
        result = super().write({'stage_id': stage.id})
        for kind, tickets in moving.grouped(before.get).items():
            tickets._moved(kind, stage.kind)
        moving._follow_own_events()
        return result

    def _check_move(self, kind):
        """:raise UserError: naming the ticket and what is missing"""
        checked = super()._check_move(kind)
        for ticket in self:
            if kind in ('closed', 'cancelled') and ticket.objection_state == 'open':
                raise UserError(self.env._("The customer objects to %s: answer the objection first.", ticket.display_name))
            if kind == 'progress' and ticket.merged_into_id:
                raise UserError(self.env._(
                    "%(ticket)s was merged into %(other)s: go on there.", ticket=ticket.display_name, other=ticket.merged_into_id.name,
                ))
            if kind == 'solved' and not (ticket.solution or '').strip():
                raise UserError(self.env._("Write down the solution of %s before it counts as solved.", ticket.display_name))
            if kind == 'solved' and ticket.ticket_type == 'complaint' and not ticket.cause_id:
                raise UserError(self.env._("Name the cause of %s before it counts as solved.", ticket.display_name))
        return checked

    def _moved(self, before, after):
        """Keep what has happened with a move of these tickets, and do what follows from it.

        :param str before: kind of state they were in
        :param str after: kind of state they are in
        """
        # safe: the move itself was the user's right; its dates are the house's own
        tickets, now = self.sudo(), fields.Datetime.now()
        customer = self.env.context.get('fulfilment_by_customer') is CUSTOMER
        tickets.deadline_ids._note_missed()
        if before == 'waiting':
            tickets._log_event('resumed', by_customer=customer)
        event = {'waiting': 'paused', 'solved': 'solved', 'closed': 'closed', 'cancelled': 'cancelled'}.get(after)
        if event:
            tickets._log_event(event, by_customer=customer)
        elif before in ('solved', 'closed', 'cancelled'):
            note = self.env.context.get('fulfilment_note', '') if customer else ''  # no call from outside brings a note
            tickets._log_event('reopened', note=note, by_customer=customer)
            for ticket in tickets:
                ticket.reopened += 1
            tickets.write({'solved_on': False, 'closed_on': False, 'close_on': False, 'hours_to_solve': 0})
            tickets._follow_policies()
        elif before == 'new':
            tickets._log_event('taken')
        if after == 'solved':
            for ticket in tickets:
                ticket.write({
                    'solved_on': now, 'hours_to_solve': (now - ticket.received_on).total_seconds() / 3600,
                    'close_on': ticket.objection_state != 'open' and now + timedelta(days=ticket.company_id.fulfilment_ticket_close_days),
                })
            tickets._tell_solution()
        elif after == 'closed':
            tickets.write({'closed_on': now, 'close_on': False})
        if after in ('solved', 'closed', 'cancelled'):
            tickets.activity_unlink(['fulfilment_crm.activity_type_ticket'])

    def _to(self, kind):
        """Move tickets into the first stage of a kind."""
        return self.write({'stage_id': self.env['fulfilment.ticket.stage']._first(kind).id})

    # === ACTIONS === #

    def action_take(self):
        """Take tickets into work as their agent."""
        self.filtered(lambda ticket: ticket.user_id != self.env.user).user_id = self.env.user
        self.filtered(lambda ticket: ticket.kind == 'new')._to('progress')
        return True

    def action_wait(self):
        """Wait for the customer: clocks that may stand still do."""
        return self._to('waiting')

    def action_resume(self):
        """Go on with what waited for the customer."""
        self.filtered(lambda ticket: ticket.kind == 'waiting')._to('progress')
        return True

    def action_feed_back(self, text=None, way='told'):
        """Tell the customer what we propose, or note that it was told.

        :param str text: what; asked for in a dialog when missing
        :param str way: ``mail`` sends it to the customer, ``told`` notes that the customer knows
        """
        self.check_access('write')
        if not (text or '').strip():
            return {
                'type': 'ir.actions.act_window', 'name': self.env._("Feedback to the customer"), 'view_mode': 'form', 'target': 'new',
                'res_model': 'fulfilment.ticket.feedback', 'context': {'default_ticket_ids': [Command.set(self.ids)]},
            }
        for ticket in self:
            if not ticket.is_open:
                raise UserError(self.env._("%s is not open any more.", ticket.display_name))
            if way == 'mail' and not ticket.partner_id.email:
                raise UserError(self.env._(
                    "%s: the customer has no e-mail address. Add one, or tell the customer and note it.", ticket.display_name,
                ))
        self.filtered(lambda ticket: ticket.kind == 'new')._to('progress')
        for ticket in self if way == 'mail' else self.browse():
            ticket.message_post(
                body=plaintext2html(text.strip()), message_type='comment', subtype_xmlid='mail.mt_comment',
                partner_ids=ticket.partner_id.ids,
            )
        if way != 'mail':
            self._message_log_batch({ticket.id: plaintext2html(self.env._("Told the customer: %s", text.strip())) for ticket in self})
        self._log_event('fed_back', note=text.strip())
        self._follow_own_events()
        return True

    def action_solve(self, solution=None, cause=None):
        """Say that tickets are solved; the customer is asked to confirm.

        :param str solution: what was done, for the customer to read; what stands on the ticket when missing, asked for in a dialog when
            nothing does
        :param int cause: id of the cause; complaints need one
        """
        self.check_access('write')
        values = {**({'solution': solution} if solution else {}), **({'cause_id': cause} if cause else {})}
        if values:
            self.write(values)
        lacking = self.filtered(lambda one: not (one.solution or '').strip() or one.ticket_type == 'complaint' and not one.cause_id)
        if len(self) == 1 and lacking:
            self._check_known_move('solved')  # what is missing, the dialog asks for
            return {
                'type': 'ir.actions.act_window', 'name': self.env._("Solution"), 'view_mode': 'form', 'target': 'new',
                'res_model': 'fulfilment.ticket.solve', 'context': {'default_ticket_id': self.id},
            }
        return self._to('solved')

    def action_close(self):
        """Close what is solved without waiting any longer for the customer."""
        return self._to('closed')

    def action_cancel(self, reason=None):
        """Give up tickets that are none.

        :param str reason: why; asked for in a dialog when missing
        """
        self.check_access('write')
        if not (reason or '').strip():
            return self._ask_reason('action_cancel', self.env._("Cancel"))
        self._to('cancelled')
        self._message_log_batch(dict.fromkeys(self.ids, self.env._("Cancelled: %s", reason.strip())))
        return True

    def action_reopen(self, reason=None):
        """Open again what was solved, closed or cancelled.

        :param str reason: why; asked for in a dialog when missing
        """
        self.check_access('write')
        if not (reason or '').strip():
            return self._ask_reason('action_reopen', self.env._("Reopen"))
        self._to('progress')
        self._message_log_batch(dict.fromkeys(self.ids, self.env._("Reopened: %s", reason.strip())))
        return True

    # === WHAT THE CUSTOMER DOES === #

    def _as_customer(self):
        """As superuser, with what happens noted as the customer's. Callers have checked whose ticket it is."""
        # safe: for the customer of the ticket, with their access checked
        return self.sudo().with_context(fulfilment_by_customer=CUSTOMER)

    def _confirm_by_customer(self):
        """Close what the customer says is solved.

        :raise UserError: when it is not solved
        """
        tickets = self._as_customer()
        for ticket in tickets:
            if ticket.kind != 'solved':
                raise UserError(self.env._("%s has not been solved yet, or was closed already.", ticket.name))
        tickets._log_event('confirmed', by_customer=True)
        tickets._to('closed')

    def _can_be_reopened(self):
        """Whether the customer may still open it again: until some days after it was solved."""
        self.ensure_one()
        days = self.company_id.fulfilment_ticket_reopen_days
        return self.kind in ('solved', 'closed') and bool(self.solved_on) \
            and fields.Datetime.now() <= self.solved_on + timedelta(days=days)

    def _reopen_by_customer(self, reason):
        """Open again what the customer says is not solved.

        :param str reason: what is still wrong
        :raise UserError: when it is too late, with what to do instead
        """
        tickets = self._as_customer()
        for ticket in tickets:
            if not ticket._can_be_reopened():
                raise UserError(self.env._("%s was closed some time ago: please send us a new one.", ticket.name))
        tickets.with_context(fulfilment_note=reason)._to('progress')
        for user, theirs in tickets.grouped(lambda ticket: ticket._responsible()).items():
            if user:
                theirs._give(user, 'ticket', user._fulfilment_env()._("Reopened by the customer"))

    def _customer_wrote(self):
        """Take up a message of the customer: what waits goes on, what was solved is open again as long as it may be."""
        tickets = self._as_customer()
        tickets.filtered(lambda ticket: ticket.kind == 'waiting')._to('progress')
        tickets.filtered(lambda ticket: ticket._can_be_reopened())._to('progress')

    # === OBJECTION === #

    def _can_be_objected_to(self):
        """Whether the customer may still object to the result: until some days after it was solved, once."""
        self.ensure_one()
        days = self.company_id.fulfilment_ticket_objection_days
        return self.kind in ('solved', 'closed') and not self.objection_state and bool(self.solved_on) \
            and fields.Datetime.now() <= self.solved_on + timedelta(days=days)

    def _object(self, text):
        """Record that the customer objects to the result. The supervisor has to answer by a deadline of its own.

        :raise UserError: when it is too late, or there has been an objection already
        """
        tickets = self._as_customer()
        for ticket in tickets:
            if not ticket._can_be_objected_to():
                raise UserError(self.env._("An objection to %s is not possible any more.", ticket.name))
        tickets.write({'objection_state': 'open', 'objection': text, 'close_on': False})
        tickets._log_event('objected', note=text, by_customer=True)
        policies, now = self.env['fulfilment.deadline.policy']._for(tickets), fields.Datetime.now()
        # safe: as above
        self.env['fulfilment.ticket.deadline'].sudo().create([{
            'ticket_id': ticket.id, 'policy_id': policies[ticket]['objection_answered'].id, 'goal': 'objection_answered', 'start_on': now,
            'calendar_id': ticket._calendar().id, **policies[ticket]['objection_answered'].terms,
        } for ticket in tickets if 'objection_answered' in policies[ticket]])._follow_events()
        for company, theirs in tickets.grouped('company_id').items():
            supervisor = company.fulfilment_service_supervisor_id or company.fulfilment_manager_id
            if supervisor:
                theirs._give(supervisor, 'objection', supervisor._fulfilment_env()._("Objection of the customer"))

    def action_accept_objection(self, reason=None):
        """Accept the objection: the ticket is worked on again."""
        return self._answer_objection('accepted', 'action_accept_objection', reason)

    def action_reject_objection(self, reason=None):
        """Reject the objection, with a reason that the customer reads."""
        return self._answer_objection('rejected', 'action_reject_objection', reason)

    def _answer_objection(self, state, method, reason):
        self.check_access('write')
        if not (reason or '').strip():
            return self._ask_reason(method, self.env._("Answer to the objection"))
        for ticket in self:
            if ticket.objection_state != 'open':
                raise UserError(self.env._("There is no open objection to %s.", ticket.display_name))
            if not ticket._answers_objections(self.env.user):
                raise AccessError(self.env._(
                    "An objection to %s is answered by the service supervisor, the leader of the team or a manager, and by none of them "
                    "who has solved it.", ticket.display_name,
                ))
        # safe: who may answer was checked above
        tickets = self.sudo()
        tickets.write({'objection_state': state, 'objection_answer': reason.strip()})
        tickets._log_event('objection_answered', note=reason.strip())
        tickets._follow_own_events()
        tickets.activity_unlink(['fulfilment_crm.activity_type_objection'])
        tickets._tell_objection()
        if state == 'accepted':
            tickets.filtered(lambda ticket: ticket.kind in ('solved', 'closed'))._to('progress')
        else:
            for ticket in tickets.filtered(lambda one: one.kind == 'solved'):
                ticket.close_on = fields.Datetime.now() + timedelta(days=ticket.company_id.fulfilment_ticket_close_days)
        return True

    def _answers_objections(self, user):
        """Whether somebody may answer an objection to this ticket: a manager, or supervisor and leader unless it was they who solved it."""
        self.ensure_one()
        # safe: asks who leads and who has solved it
        ticket = self.sudo()
        solved_by = ticket.event_ids.filtered(lambda one: one.event == 'solved').user_id
        leads = user in ticket.company_id.fulfilment_service_supervisor_id | ticket.team_id.user_id
        return user.has_group('fulfilment_crm.group_manager') or leads and user not in solved_by | ticket.user_id
