from datetime import timedelta

from odoo import Command, fields

from .steps import Steps

# What customers have sent: contact, days ago, type, urgency, category, product, subject, text, and what became of it.
STORY = [
    ('harbour_grace', 41, 'request', 'normal', 'other', 'terminal', "Which battery fits the old terminals?",
     "We still have 20 terminals of the first delivery.", [('answer', 2), ('solve', 4, None, "Battery BT-4 fits; 20 were sent.")]),
    ('harbour_owen', 36, 'complaint', 'urgent', 'delivery', 'conveyor', "Two crates of conveyor modules are missing",
     "The driver says he had only six.", [
         ('answer', 1), ('fed_back', 8, "The missing crates are on tomorrow's lorry."),
         ('solve', 30, 'wrong', "Two crates delivered and signed for."), ('confirm', 34, 5, "Quick and friendly.")]),
    ('oldmill_nora', 33, 'complaint', 'normal', 'invoice', None, "Invoice without our order number",
     "Our accounts department cannot book it.", [
         ('answer', 60), ('solve', 70, 'advice', "Invoice sent again with the order number."), ('confirm', 100, 3, "")]),
    ('riverside_robert', 12, 'complaint', 'important', 'product', 'pump', "Pump 3 is louder than agreed",
     "Measured 84 dB, 78 dB are in the contract.", [('answer', 5), ('wait', 30)]),
    ('oldmill_nora', 9, 'complaint', 'normal', 'product', 'pump', "Seal of the second pump drips",
     "A litre a day.", [('answer', 3), ('solve', 60, 'defect', "Seal replaced under warranty.")]),
    ('yuanhang_li', 8, 'complaint', 'important', 'service', 'sorter', "分拣单元停机三小时",
     "周一上午停机，至今没有原因说明。", [
         ('answer', 2), ('solve', 40, 'use', "皮带张力过大，已重新调整。"), ('object', 60, "不是我们操作的问题，请再检查。")]),
    ('bluebird_amira', 4, 'demand', 'normal', 'service', 'sensor', "Training for two new colleagues",
     "In the first week of next month, if possible.", [('take', 3)]),
    ('harbour_grace', 2, 'demand', 'important', 'delivery', 'sorter', "Bring the second delivery forward by a week",
     "Our new hall is ready earlier.", [('take', 1), ('answer', 2)]),
    ('northgate_joan', 1, 'request', 'normal', 'other', 'terminal', "Certificate for the terminals",
     "Our inspectors ask for the declaration of conformity.", []),
    ('northgate_joan', 1, 'request', 'normal', 'other', 'terminal', "Declaration of conformity, please",
     "See my mail of this morning.", [('merge',)]),
    ('riverside_robert', 0.9, 'demand', 'urgent', 'product', 'pump', "When do the repaired pumps come back?",
     "The building site stands still.", [('take', 1)]),
]
ANSWER = "Thank you for your message, we are looking into it."


class Tickets(Steps):
    """Complaints, demands and requests: solved, waiting, late, objected to."""

    def _tell_tickets(self):
        company = self.env.company
        service, leader = self._demo('user_service'), self._demo('user_leader')
        company.write({
            'fulfilment_service_supervisor_id': leader.id, 'fulfilment_product_owner_ids': [Command.link(self._demo('user_director').id)],
        })
        self.env['fulfilment.service.team'].create({
            'name': 'Customer service', 'user_id': leader.id, 'assignment': 'skill',
            'member_ids': [Command.create({'user_id': service.id})],
        })
        self.env['fulfilment.ticket.reply'].create({
            'name': 'Declaration of conformity', 'solution': 'The declaration of conformity is attached.',
            'category_id': self.env.ref('fulfilment_crm.category_other').id,
        })
        refused = self.env['fulfilment.ticket'].search([('origin', '=', 'refusal')])
        refused.write({'user_id': service.id, 'team_id': self.env['fulfilment.service.team'].search([], limit=1).id})
        for ticket in refused:
            self._date_ticket(ticket, 15 * 24, {})
        previous = None
        for contact, days, kind, urgency, category, product, title, text, steps in STORY:
            ticket = self.env['fulfilment.ticket'].with_user(service).create({
                'title': title, 'description': text, 'ticket_type': kind, 'urgency': urgency,
                'category_id': self.env.ref(f'fulfilment_crm.category_{category}').id, 'partner_id': self._demo(f'partner_{contact}').id,
                'product_id': self._demo(f'product_{product}').product_variant_id.id if product else False,
            }).sudo()
            hours = {}
            for step in steps:
                if step == ('merge',):
                    (previous | ticket).action_merge()
                else:
                    self._ticket_step(ticket, step, hours)
            self._date_ticket(ticket, days * 24, hours)
            previous = ticket

    def _ticket_step(self, ticket, step, hours):
        """Do a step of the story, and remember how many hours after receipt it happened: ``{event: hours}``."""
        service = ticket.with_user(self._demo('user_service'))
        what, after, *details = step
        if what == 'answer':
            service.message_post(
                body=ANSWER, message_type='comment', subtype_xmlid='mail.mt_comment',
            )
            hours['answered'] = after
        elif what == 'take':
            service.action_take()
            hours['taken'] = after
        elif what == 'fed_back':
            service.action_feed_back(text=ANSWER)
            hours.update(fed_back=after, taken=after)
        elif what == 'wait':
            service.action_wait()
            hours['paused'] = after
        elif what == 'solve':
            cause, text = details
            service.write({'solution': text, 'cause_id': cause and self.env.ref(f'fulfilment_crm.cause_{cause}').id})
            service.action_solve()
            hours['solved'] = after
        elif what == 'confirm':
            rating, text = details
            ticket._confirm_by_customer()
            ticket.rating_apply(rating, token=ticket._rating_get_access_token(), feedback=text)
            hours.update(confirmed=after, closed=after)
        else:
            ticket._object(*details)
            hours['objected'] = after

    def _date_ticket(self, ticket, ago, hours):
        """Date a ticket and what happened to it, and let its deadlines follow.

        :param float ago: hours since it was received
        :param dict hours: from receipt to each event
        """
        received = fields.Datetime.now().replace(microsecond=0) - timedelta(hours=ago)
        ticket.received_on = received
        for event in ticket.event_ids:
            event.date = received + timedelta(hours=hours.get(event.event, 0))
        if ticket.solved_on:
            solved = received + timedelta(hours=hours['solved'])
            ticket.write({
                'solved_on': solved, 'hours_to_solve': hours['solved'],
                'close_on': ticket.close_on and solved + timedelta(days=ticket.company_id.fulfilment_ticket_close_days),
                'closed_on': ticket.closed_on and received + timedelta(hours=hours['closed']),
            })
        for deadline in ticket.deadline_ids:
            deadline.start_on = received + timedelta(hours=hours.get('objected', 0) if deadline.goal == 'objection_answered' else 0)
        ticket.message_ids.filtered(lambda message: message.date > received + timedelta(hours=1)).date = received
        ticket._follow_own_events()
