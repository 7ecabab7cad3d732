from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ...tools import markup
from ...tools.shown_date import shown_date
from ..base.told import _lt, told


class FulfilmentAcceptance(models.Model):
    """What the customer said to a delivery: accepted, refused, or nothing in time. Never changed."""
    _name = 'fulfilment.acceptance'
    _description = 'Acceptance'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'id desc'
    _rec_name = 'outcome'

    milestone_id = fields.Many2one('fulfilment.milestone', required=True, readonly=True, index=True, ondelete='cascade')
    contract_id = fields.Many2one(related='milestone_id.contract_id', store=True, index=True)
    company_id = fields.Many2one(related='milestone_id.company_id', store=True, index=True)
    outcome = fields.Selection(
        [('accepted', "Accepted"), ('refused', "Refused"), ('deemed', "Deemed accepted")], required=True, readonly=True,
    )
    person = fields.Char(string="By", readonly=True)
    date = fields.Date(readonly=True)
    place = fields.Char(readonly=True)
    method = fields.Char(readonly=True, help="How it was examined: inspection, trial run, documents…")
    reason = fields.Text(readonly=True)
    user_id = fields.Many2one('res.users', string="Recorded by", readonly=True, default=lambda self: self.env.user, ondelete='set null')
    ip = fields.Char(string="From (IP)", readonly=True, groups='base.group_user')


class FulfilmentMilestone(models.Model):
    _inherit = 'fulfilment.milestone'

    def action_ask_acceptance(self):
        """Open the dialog that asks who accepted, when, where and how."""
        self.ensure_one()
        self.check_access('write')
        self._check_acceptable('accepted')
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("The customer accepts"), 'res_model': 'fulfilment.milestone.accept',
            'view_mode': 'form', 'target': 'new', 'context': {'default_milestone_id': self.id},
        }

    def action_accept(self, person=None, place=None, method=None, date=None):
        """Record that the customer accepts.

        :param str person: who accepted; the customer by default
        :param date: the day, not one to come; today when missing
        :param str place: where
        :param str method: how it was examined
        """
        self.check_access('write')
        day = fields.Date.to_date(date) if date else None
        for milestone in self if day else ():
            if day > milestone.company_id._fulfilment_today()[milestone.company_id]:
                raise UserError(self.env._(
                    "“%(name)s” cannot be done on %(date)s, which is still to come.", name=milestone.name, date=shown_date(self.env, day),
                ))
            if day < (milestone.predecessor_id.date_done or day):
                raise UserError(self.env._(
                    "“%(name)s” cannot be accepted on %(date)s, before “%(delivery)s” was done.", name=milestone.name,
                    date=shown_date(self.env, day), delivery=milestone.predecessor_id.name,
                ))
        self._record_acceptance('accepted', day=day, person=person, place=place, method=method)
        return True

    def action_refuse(self, reason=None, person=None):
        """Record that the customer refuses; the delivery it follows is open again.

        :param str reason: why; asked for in a dialog when missing
        :param str person: who refused; the customer by default
        """
        self.check_access('write')
        if not (reason or '').strip():
            return self._ask_reason('action_refuse', self.env._("Refuse"))
        self._record_acceptance('refused', person=person, reason=reason.strip())
        return True

    def _undelivered(self):
        """Return the delivery this acceptance waits for, empty when it is done."""
        self.ensure_one()
        return self.predecessor_id.filtered(lambda one: one.kind == 'delivery' and one.state == 'pending')

    def _follows_from_acceptance(self):
        """List what falls due when this is accepted today, for the person about to accept: dicts of ``name``, ``amount``, ``date``."""
        self.ensure_one()
        today = self.company_id._fulfilment_today()[self.company_id]
        return [{
            'name': one.name, 'amount': one.amount and one.currency_id.format(one.amount),
            'date': shown_date(self.env, fields.Date.add(today, days=one.offset_days)),
        } for one in self.successor_ids if one.state == 'pending' and one.anchor == 'predecessor']

    def _check_acceptable(self, outcome):
        """:raise UserError: when one of these waits for no answer, or is accepted before it is delivered"""
        for milestone in self:
            if milestone.kind != 'acceptance' or milestone.state != 'pending' or milestone.contract_state not in ('active', 'settlement'):
                raise UserError(self.env._("“%(name)s” is not an acceptance waiting for an answer.", name=milestone.name))
            if outcome == 'accepted' and (open_delivery := milestone.sudo()._undelivered()):  # safe: names what is to be done first
                raise UserError(self.env._(
                    "“%(name)s” cannot be accepted before it is delivered: report “%(delivery)s” as done first.", name=milestone.name,
                    delivery=open_delivery.name,
                ))

    def _record_acceptance(self, outcome, day=None, **details):
        """Keep what the customer said and act on it.

        :param str outcome: accepted, refused or deemed
        :param day: when, one date for all or ``{milestone: date}``; today in the company's time zone when missing
        :param details: person, place, method, reason, ip
        """
        self._check_acceptable(outcome)
        # safe: called after the right to write was checked, or for the customer of the contract with their access checked
        milestones = self.sudo()
        today = milestones.company_id._fulfilment_today()
        days = day if isinstance(day, dict) else {milestone: day or today[milestone.company_id] for milestone in milestones}
        self.env['fulfilment.acceptance'].sudo().create([{
            **details, 'milestone_id': milestone.id, 'outcome': outcome, 'date': days[milestone],
            'person': details.get('person') or (milestone.partner_id.display_name if outcome != 'deemed' else False),
        } for milestone in milestones])
        if outcome == 'refused':
            milestones._refused(details.get('reason') or '')
            return
        note = told(self.env, _lt("Deemed accepted: no answer in time")) if outcome == 'deemed' else told(self.env, _lt("Accepted"))
        milestones._complete(days, note)

    def _refused(self, reason):
        """Reopen the deliveries that were refused and tell whoever answers for them."""
        self._log_event('refused', reason, {milestone: (milestone.date_planned, False) for milestone in self})
        deliveries = self.predecessor_id.filtered(lambda one: one.kind == 'delivery')
        deliveries.follows_orders = False
        deliveries._reopen(told(self.env, _lt("Acceptance refused: %s", reason)))
        (deliveries or self)._give_to_do(lambda env: env._("Acceptance refused"), plaintext2html(reason))
        self.contract_id._message_log_batch(dict.fromkeys(self.contract_id.ids, self.env._("Acceptance refused: %s", reason)))
        self._tell_refusal(deliveries or self, reason)
        self._on_refused(reason)

    def _on_refused(self, reason):
        """Let other rooms react to acceptances that were refused here.

        :param str reason: what the customer said
        """

    def _tell_refusal(self, concerned, reason):
        """Send one message to those who follow the contracts and those who answer for what was refused.

        :param concerned: the milestones refused
        :param str reason: what the customer said
        """
        subtype = self.env.ref('mail.mt_comment')
        followers = self.contract_id.message_follower_ids.filtered(lambda one: subtype in one.subtype_ids).grouped('res_id')
        answering = concerned.grouped('contract_id')
        people = {
            contract: followers.get(contract.id, self.env['mail.followers']).partner_id | answering.get(contract, self).user_id.partner_id
            for contract in self.contract_id
        }
        for partners, contracts in self.contract_id.grouped(people.get).items():
            links = [
                markup.link(contract._notify_get_action_link('view', model=contract._name, res_id=contract.id), name)
                for contract in contracts for name in [contract.display_name]
            ]
            if partners - self.env.user.partner_id:
                self.env['mail.thread'].message_notify(
                    partner_ids=partners.ids, subject=self.env._("Acceptance refused"),
                    body=markup.lines([self.env._("Acceptance refused: %s", reason), *links]),
                )
