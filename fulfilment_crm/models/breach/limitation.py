from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import limitation
from ...tools.shown_date import shown_date
from ..base.to_do_mixin import ToDo
from .breach import ENDED
from .legal_step import SUITS

WARNED = (180, 90, 30)  # days before the end on which somebody is told


class FulfilmentBreach(models.Model):
    """Until when a case can be taken to court."""
    _inherit = 'fulfilment.breach'

    limitation_until = fields.Date(
        string="Time-barred after", readonly=True, copy=False, index='btree_not_null', guarded=True,
        help="The last day on which a claim of this case can be taken to court. Have counsel confirm it.",
    )
    limitation_text = fields.Text(string="How that day follows", compute='_compute_limitation_text')
    limitation_told = fields.Integer(
        readonly=True, copy=False, guarded=True, help="The days before the end for which somebody was told last.",
    )

    @api.depends('limitation_until')
    @api.depends_context('lang')
    def _compute_limitation_text(self):
        names = {
            'due': self.env._("due"), limitation.DEMAND: self.env._("demand with proven delivery"),
            limitation.ACKNOWLEDGED: self.env._("balance confirmed or payment promised"), limitation.PAID: self.env._("part payment"),
            limitation.SUIT: self.env._("suit or arbitration"),
        }
        for breach in self:
            breach.limitation_text = '\n'.join(
                self.env._("From %(start)s (%(why)s) until %(end)s", why=names[one.kind],
                            start=shown_date(self.env, one.start), end=shown_date(self.env, one.end))
                for one in breach._limitation()
            )

    def _limitation(self):
        """Return the periods of limitation of the case, of ``tools.limitation``: of the debt at issue that is barred first."""
        self.ensure_one()
        today = self.company_id._fulfilment_today()[self.company_id] if self.company_id else fields.Date.context_today(self)
        years, common = self.company_id.fulfilment_limitation_years, self._limitation_events()
        at_issue = self._milestones_at_issue()
        found, paid = [], at_issue.contract_id._settled_on(payments=True) if at_issue else {}
        case = self.sudo()  # safe: as in _limitation_events
        for milestone in at_issue.filtered(lambda one: one.amount_open > 0 and (one == case.milestone_id or one.date_planned < today)):
            own = [(day, limitation.PAID, True) for day, amount in paid.get(milestone, ()) if amount > 0]
            found.append(limitation.periods(milestone.date_planned, [*common, *own, *self._acknowledged(milestone.date_planned)], years))
        if not found and self.opened_on:
            found = [limitation.periods(self.opened_on, [*common, *self._acknowledged(self.opened_on)], years)]
        return min(found, key=lambda periods: periods[-1].end, default=[])

    def _limitation_end(self):
        """Return the last day on which the case can be taken to court, as it is now; False where it has none."""
        periods = self._limitation()
        return periods[-1].end if periods else False

    def _limitation_events(self):
        """Return what we have done that started limitation again: ``[(day, kind, proven)]``."""
        case = self.sudo()  # safe: events of the own case, for who may read it
        events = [
            (one.delivered_on, limitation.DEMAND, one.is_proven) for one in case.notice_ids if one.delivered_on and one.kind != 'other'
        ]
        return events + [
            (one.date_start, limitation.SUIT, True) for one in case.step_ids if one.kind in SUITS and one.date_start
            and one.state in ('running', 'done')
        ]

    def _acknowledged(self, due):
        """Return when the customer acknowledged a debt, by a balance confirmed or a promise that stands: ``[(day, kind, proven)]``.

        :param date due: of the debt; a balance of an earlier day says nothing of it
        """
        case = self.sudo()  # safe: the account of the customer, for who may read the case
        customer = [('partner_id', '=', case.partner_id.id), ('company_id', '=', case.company_id.id)]
        confirmed = case.env['fulfilment.statement'].search([
            *customer, ('state', '=', 'confirmed'), ('answered_on', '!=', False), ('as_of', '>=', due), ('amount', '>', 0),
        ])
        promised = case.env['fulfilment.payment.promise'].search([
            *customer, ('origin', 'in', ('portal', 'link')), ('made_on', '!=', False), ('state', '!=', 'cancelled'),
            '|', ('move_line_ids', '=', False), ('move_line_ids', 'in', case._instalments_due(due).ids),
        ])
        return [
            *((one.answered_on.date(), limitation.ACKNOWLEDGED, True) for one in confirmed),
            *((one.made_on, limitation.ACKNOWLEDGED, True) for one in promised),
        ]

    def _instalments_due(self, due):
        """Return the journal items of the contract that are due on a day, as superuser."""
        contract = self.sudo().contract_id  # safe: compared with what a promise names
        instalments = contract.env['fulfilment.instalment'].search([('contract_id', '=', contract.id)])
        return (instalments.filtered(lambda one: one.date_due == due) or instalments).move_line_id

    @api.model
    def _follow_limitation(self, breaches, days):
        """Bring the end of limitation of cases up to date, and warn before it: once for each of the days.

        :param dict days: ``{company: date}``
        :return: ``{effect: count}``
        """
        to_dos = []
        for breach in breaches:
            until = breach._limitation_end()
            if until != breach.limitation_until:
                breach.write({'limitation_until': until, 'limitation_told': 0})
            left = (until - days[breach.company_id]).days if until else None
            near = [number for number in WARNED if left is not None and 0 <= left <= number]
            if near and breach.limitation_told != min(near):
                breach.limitation_told = min(near)
                if breach.user_id.active:
                    to_dos.append(ToDo(breach, breach.user_id, breach.user_id._fulfilment_env()._(
                        "Time-barred in %s days: demand with proof, or go to court", left,
                    )))
        self.env['mail.activity']._fulfilment_give(self._to_do_type, to_dos)
        return {'limitation told': len(to_dos)}

    @api.model
    def _limitation_domain(self):
        return Domain('state', 'not in', ENDED) & Domain('party', '=', 'customer')


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_limitation_years = fields.Integer(
        string="Years of limitation", default=3,
        help="From the day after the due date; a proven demand, an acknowledgement, a part payment or a suit starts them again.",
    )
    fulfilment_damages_as_interest = fields.Boolean(
        string="Damages stand in the place of interest", default=True,
        help="In claim accounts receipts pay damages before principal, as they pay interest. For counsel to confirm.",
    )
    fulfilment_legal_days = fields.Integer(
        string="Deadlines of the law are told (days before)", default=7,
    )

    _fulfilment_limitation_check = models.Constraint(
        'CHECK(fulfilment_limitation_years BETWEEN 1 AND 30 AND fulfilment_legal_days BETWEEN 0 AND 3650)',
        "Limitation runs 1 to 30 years.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_limitation_years = fields.Integer(related='company_id.fulfilment_limitation_years', readonly=False)
    fulfilment_damages_as_interest = fields.Boolean(related='company_id.fulfilment_damages_as_interest', readonly=False)
    fulfilment_legal_days = fields.Integer(related='company_id.fulfilment_legal_days', readonly=False)
