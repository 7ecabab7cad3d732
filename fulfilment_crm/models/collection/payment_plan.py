from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.deletion import before_deletion
from .customer_mixin import AMOUNT_LIMIT
from .promise import FURTHEST

MOST = 120  # instalments of one plan
PLAN_DAYS = 366  # ahead that who sells to a customer agrees on


class FulfilmentPaymentPlan(models.Model):
    """Promises in a row. One that is missed and not made good in its days makes the rest due."""
    _name = 'fulfilment.payment.plan'
    _description = 'Payment plan'
    _inherit = [
        'fulfilment.guard.mixin', 'fulfilment.customer.mixin', 'fulfilment.chatter.mixin', 'mail.activity.mixin', 'fulfilment.flow.mixin',
    ]
    _order = 'id desc'
    _mail_post_access = 'read'
    _to_do_type = 'fulfilment_crm.activity_type_promise'
    _rec_names_search = ('partner_id.name',)

    currency_id = fields.Many2one('res.currency', required=True, default=lambda self: self.env.company.currency_id)
    amount = fields.Monetary(required=True, tracking=True)
    number = fields.Integer(string="Number of instalments", required=True, default=3)
    date_first = fields.Date(string="First on", required=True, default=fields.Date.context_today)
    interval = fields.Selection([('week', "Week"), ('month', "Month")], string="Every", required=True, default='month')
    cure_days = fields.Integer(
        string="Days of cure", default=lambda self: self.env.company.fulfilment_plan_cure_days, tracking=True,
        help="After the days of grace. Money that comes within them makes a missed instalment good.",
    )
    note = fields.Text(string="What was agreed")
    state = fields.Selection(
        [
            ('draft', "Not agreed yet"), ('running', "Running"), ('done', "Fulfilled"), ('ended', "Ended: the rest is due"),
            ('cancelled', "Cancelled"),
        ],
        required=True, readonly=True, default='draft', index=True, tracking=True, guarded=True,
    )
    _moves = {'draft': {'running', 'cancelled'}, 'running': {'done', 'ended', 'cancelled'}, 'done': {'ended', 'running'}, 'ended': set(),
              'cancelled': set()}
    promise_ids = fields.One2many('fulfilment.payment.promise', 'plan_id', string="Promises", readonly=True, guarded=True)
    amount_received = fields.Monetary(string="Received", compute='_compute_amount_received')
    preview = fields.Text(string="Instalments to be agreed", compute='_compute_preview')

    _numbers_check = models.Constraint(
        f'CHECK(amount > 0 AND amount < {AMOUNT_LIMIT:.0f} AND number BETWEEN 1 AND {MOST} AND cure_days BETWEEN 0 AND {PLAN_DAYS})',
        f"A plan is about an amount above zero in 1 to {MOST} instalments; days of cure are 0 to {PLAN_DAYS}.",
    )

    @api.depends('partner_id', 'amount')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = self.env._(
                "Plan of %(customer)s: %(amount)s", customer=plan.partner_id.display_name or '',
                amount=plan.currency_id.format(plan.amount) if plan.currency_id else plan.amount,
            )

    @api.depends('promise_ids.amount_received', 'promise_ids.amount_late')
    def _compute_amount_received(self):
        for plan in self:
            plan.amount_received = sum(one.amount_received + one.amount_late for one in plan.promise_ids)

    @api.depends('amount', 'number', 'date_first', 'interval')
    @api.depends_context('lang')
    def _compute_preview(self):
        for plan in self:
            plan.preview = '\n'.join(
                f'{day}: {plan.currency_id.format(amount)}' for day, amount in plan._instalments()
            ) if plan.currency_id and plan.date_first else ''

    def write(self, vals):
        fixed = {'partner_id', 'company_id', 'currency_id', 'amount', 'number', 'date_first', 'interval', 'cure_days'}
        if not self.env.su and vals.keys() & fixed and any(plan.state != 'draft' for plan in self):
            running = self.filtered(lambda plan: plan.state != 'draft')
            from_vals = {name: value for name, value in vals.items() if name in fixed}
            if any(plan._fields[name].convert_to_write(plan[name], plan) != value for plan in running for name, value in from_vals.items()):
                raise UserError(self.env._("%s is agreed. Cancel it and agree on another.", running[:1].display_name))
        return super().write(vals)

    @before_deletion
    def _unlink_except_draft(self):
        for plan in self:
            if plan.state != 'draft':
                raise UserError(self.env._("%s stays on record: cancel it instead.", plan.display_name))

    # === ACTIONS === #

    def action_agree(self):
        """Agree on plans: each instalment becomes a promise."""
        self = self.union()
        self.check_access('write')
        # safe: promises of a plan are made by it; the right to write the plan was checked
        plans = self.sudo()
        for plan in plans:
            if not self._may_give_credit():
                plan._check_terms()
            plan._move_to('running')
            self.env['fulfilment.payment.promise'].sudo().create([{
                'plan_id': plan.id, 'partner_id': plan.partner_id.id, 'company_id': plan.company_id.id, 'currency_id': plan.currency_id.id,
                'user_id': plan.user_id.id, 'amount': amount, 'date_promised': day,
                'grace_days': plan.company_id.fulfilment_promise_grace, 'threshold': plan.company_id.fulfilment_promise_threshold,
            } for day, amount in plan._instalments()])
        return True

    def action_cancel(self, reason=None):
        """Cancel plans with what is open of them.

        :param str reason: why; asked for in a dialog when missing
        """
        self.check_access('write')
        self._check_move('cancelled')
        if not (reason or '').strip():
            return self._ask_reason('action_cancel', self.env._("Cancel the plan"))
        self.union()._end('cancelled', reason.strip())
        return True

    # === BUSINESS METHODS === #

    def _check_terms(self):
        """Check what salespeople may agree on by a plan: instalments that begin as soon as a promise, and end within a year.

        :raise UserError: with what the user is told
        """
        self.ensure_one()
        today, days = self.company_id._fulfilment_today()[self.company_id], [day for day, _amount in self._instalments()]
        if len(days) < 2:
            raise UserError(self.env._("%s: a single instalment is a promise. Enter a promise instead.", self.display_name))
        if max(days) > fields.Date.add(today, days=PLAN_DAYS):
            raise UserError(self.env._("A plan longer than %s days is agreed by credit control.", PLAN_DAYS))
        if not today <= min(days) <= fields.Date.add(today, days=FURTHEST):
            raise UserError(self.env._("A plan begins within the next %s days: ask credit control for more.", FURTHEST))
        if self.cure_days > self.company_id.fulfilment_plan_cure_days:
            raise UserError(self.env._("More days of cure than the settings say are agreed by credit control."))
        self.promise_ids._check_kept_lately(self.partner_id, self.company_id)

    def _instalments(self):
        """Return what is to be paid when: list of (date, amount) that adds up to the plan; the last takes what rounding leaves."""
        self.ensure_one()
        number = min(max(self.number, 1), MOST)
        part, left, instalments = self.currency_id.round(self.amount / number), self.amount, []
        for position in range(number):
            day = self.date_first + (relativedelta(weeks=position) if self.interval == 'week' else relativedelta(months=position))
            amount = self.currency_id.round(left) if position == number - 1 else part
            left -= amount
            instalments.append((day, amount))
        return [(day, amount) for day, amount in instalments if amount > 0]

    def _end(self, state, reason):
        # safe: guarded; the callers have checked the right to, or act for the scheduled action
        plans = self.sudo()
        plans.promise_ids.filtered(lambda one: one.state == 'open')._cancel(reason)
        plans._move_to(state)
        plans._message_log_batch({plan.id: reason for plan in plans})

    def _follow_promises(self, days):
        """Tell which plans are fulfilled, and end those with an instalment that was missed and not made good in its days.

        :param dict days: ``{company: date}``
        :return: ``{effect: count}``
        """
        effects = {'plans ended': 0, 'plans fulfilled': 0}
        for plan in self:
            own = plan.promise_ids.filtered(lambda one: one.state != 'cancelled')
            missed = own.filtered(lambda one: not one._is_made_good() and one._cured_until() < days[one.company_id])
            if missed:
                plan._end('ended', plan._fulfilment_env_of_company()._(
                    "%s was missed and not made good in its days: the rest is due.", missed[:1].display_name,
                ))
                plan._give_to_do(lambda env: env._("The plan has ended: the rest is due"))
                effects['plans ended'] += 1
            elif own and all(one._is_made_good() for one in own) and plan.state == 'running':
                plan._move_to('done')
                effects['plans fulfilled'] += 1
            elif plan.state == 'done' and not all(one._is_made_good() for one in own):
                plan._move_to('running')
        return effects

    def _fulfilment_env_of_company(self):
        return self.with_context(lang=self.company_id.partner_id.lang or self.env.lang).env


class FulfilmentPaymentPromise(models.Model):
    _inherit = 'fulfilment.payment.promise'

    def _is_made_good(self):
        """Whether it was kept, or made good within the days of cure."""
        self.ensure_one()
        needed = self.currency_id.round(self.amount * self.threshold / 100)
        return self.state == 'kept' or self.currency_id.compare_amounts(self.amount_received + self.amount_late, needed) >= 0

    def _cured_until(self):
        self.ensure_one()
        return fields.Date.add(self.date_promised, days=self.grace_days + self.plan_id.cure_days)
