from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools.shown_date import shown_date
from ..base.claim import claim
from ..base.to_do_mixin import ToDo

PHASE_OF = {'active': 'performance', 'settlement': 'settlement'}  # what begins when a contract comes into a state


class FulfilmentHandover(models.Model):
    """How a handover goes on: offered, accepted by its receiver alone, or sent back with the reason."""
    _inherit = 'fulfilment.handover'

    # === ACTIONS === #

    def action_offer(self):
        """Offer handovers to their receivers.

        :raise UserError: where nobody is named, or a promise has no day
        """
        self.check_access('write')
        self._check_move('offered')
        for one in self:
            if not one.to_user_id:
                raise UserError(self.env._("%s: say first to whom it is handed over.", one.display_name))
            vague = one.line_ids.filtered(lambda line: line.kind == 'promise' and not line.date_due)
            if vague:
                raise UserError(self.env._(
                    "%(handover)s: say until when “%(promise)s” was promised; it becomes a milestone.", handover=one.display_name,
                    promise=vague[0].text,
                ))
        # safe: guarded; the right to write was checked
        handovers = self.sudo()
        handovers._move_to('offered', return_reason=False)
        handovers.activity_unlink([self._to_do_type])
        handovers._ask(lambda one: one.to_user_id, lambda env, one: env._("A contract is handed over to you: accept or send back"))
        return True

    def action_take_back(self):
        """Take offers back."""
        self.check_access('write')
        self.sudo()._move_to('prepared')  # safe: guarded; the right to write was checked
        self.sudo().activity_unlink([self._to_do_type])
        return True

    def action_accept(self):
        """Accept handovers: from now on the receiver is responsible, and promises are milestones.

        :raise AccessError: for anybody but the receiver and managers
        """
        self._check_receiving()
        # Two who accept at once, or a run that is done again: the second finds it accepted.
        claim(self)
        self.invalidate_recordset(['state'])
        self._check_move('accepted')
        # safe: what follows from accepting, which was the receiver's right
        for one in self.sudo():
            one._pass_on()
        self.sudo().activity_unlink([self._to_do_type])  # safe: as above
        return True

    def action_return(self, reason=None):
        """Send handovers back.

        :param str reason: what is missing; asked for in a dialog when missing
        """
        self._check_receiving()
        self._check_move('returned')
        if not (reason or '').strip():
            return self._ask_reason('action_return', self.env._("What is missing?"))
        # safe: as above
        handovers = self.sudo()
        handovers._move_to('returned', return_reason=reason.strip())
        handovers.activity_unlink([self._to_do_type])
        handovers._ask(lambda one: one.from_user_id, lambda env, one: env._("A handover was sent back: %s", one.return_reason))
        return True

    # === BUSINESS METHODS === #

    def _check_receiving(self):
        self.check_access('read')
        user = self.env.user
        if self.env.su or user.has_group('fulfilment_crm.group_manager'):
            return
        for one in self:
            if one.to_user_id != user:
                raise AccessError(self.env._(
                    "%(handover)s is offered to %(receiver)s, who accepts it or sends it back.", handover=one.display_name,
                    receiver=one.to_user_id.name or self.env._("nobody"),
                ))

    def _ask(self, whom, say):
        to_dos = []
        for one in self:
            user = whom(one)
            if user.active:
                to_dos.append(ToDo(one, user, say(user._fulfilment_env(), one)))
        self.env['mail.activity']._fulfilment_give(self._to_do_type, to_dos)

    def _pass_on(self):
        """Make the receiver responsible for contract and open milestones, and milestones of what was promised."""
        self.ensure_one()
        contract, receiver, before = self.contract_id, self.to_user_id, self.from_user_id
        if not receiver.active:
            raise UserError(self.env._("%s: the receiver works here no longer. Offer it to somebody else.", self.display_name))
        self._move_to('accepted', accepted_on=fields.Datetime.now())
        contract.milestone_ids.filtered(lambda one: one.state == 'pending' and one.user_id in (before, contract.user_id)).user_id = receiver
        contract.user_id = receiver
        for line in self.line_ids.filtered(lambda one: one.kind == 'promise' and not one.milestone_id):
            line.milestone_id = line._as_milestone(receiver)


class FulfilmentHandoverLine(models.Model):
    _inherit = 'fulfilment.handover.line'

    def _as_milestone(self, receiver):
        """Make a milestone of ours of a promise, on record as everything that is added to a contract."""
        self.ensure_one()
        milestone = self.env['fulfilment.milestone'].create({
            'contract_id': self.contract_id.id, 'name': self.text, 'kind': 'other', 'obligor': 'us', 'user_id': receiver.id,
            'anchor': 'fixed', 'date_planned': self.date_due, 'date_first_planned': self.date_due,
        })
        milestone._log_event('amended', self.env._(
            "Promised, and handed over with %(contract)s on %(day)s", contract=self.contract_id.name,
            day=shown_date(self.env, fields.Date.context_today(self)),
        ), {milestone: (False, self.date_due)})
        return milestone


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    handover_ids = fields.One2many('fulfilment.handover', 'contract_id', string="Handovers", for_colleagues=True)
    phase_owners = fields.Char(string="Responsible by phase", compute='_compute_phase_owners', for_colleagues=True)

    @api.depends('handover_ids.state', 'user_id')
    @api.depends_context('lang')
    def _compute_phase_owners(self):
        phases = dict(self.env['fulfilment.handover']._fields['phase']._description_selection(self.env))
        for contract in self:
            # safe: names of colleagues, for who may read the contract
            done = contract.sudo().handover_ids.filtered(lambda one: one.state == 'accepted').sorted('id')
            owners = {'signing': done[:1].from_user_id.name} if done else {}
            owners.update({one.phase: one.to_user_id.name for one in done})
            contract.phase_owners = ' → '.join(f'{phases[phase]}: {name}' for phase, name in owners.items() if name)

    def action_hand_over(self):
        """Open the handover of the contract that is under way, or the form of a new one."""
        self.ensure_one()
        own = self.handover_ids.filtered(lambda one: one.state != 'accepted')[:1]
        fresh = {'default_contract_id': self.id, 'default_phase': PHASE_OF.get(self.state, 'performance')}
        return {
            'type': 'ir.actions.act_window', 'res_model': 'fulfilment.handover', 'view_mode': 'form', 'res_id': own.id,
            'context': {} if own else fresh, 'name': self.env._("Handover"),
        }
