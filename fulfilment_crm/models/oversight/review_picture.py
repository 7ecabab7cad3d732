from datetime import date

from odoo import api, fields, models

from ..contract.milestone import OUTSTANDING


class FulfilmentReview(models.Model):
    """What a review sees when it is made, copied so that it says the same whatever becomes of the facts."""
    _inherit = 'fulfilment.review'

    @api.model
    def _make(self, plans, day_of, key, **values):
        """Make the reviews of contracts, with their pictures and questions, each once.

        :param dict plans: ``{contract: plan}``, as superuser
        :param dict day_of: ``{company: date}``
        :param key: function of a contract that returns the claim of its review
        :param values: what all of them have in common; functions are asked for each contract
        :return: the reviews that are new
        """
        vals_list = []
        for contract, plan in plans.items():
            day = day_of[contract.company_id]
            vals_list.append({
                'claim_key': key(contract), 'plan_id': plan.id, 'kind': plan.kind, 'stage': plan.stage if plan.kind == 'stage' else False,
                'contract_id': contract.id, 'company_id': contract.company_id.id, 'currency_id': contract.currency_id.id, 'date': day,
                'user_id': self._reviewer(plan, contract).id, 'date_due': fields.Date.add(day, days=plan.due_days),
                **{name: value(contract) if callable(value) else value for name, value in values.items()},
            })
        # safe: what plans ask for; the pictures are read as they are, whoever reviews
        own = self.sudo()
        # Who reviews gets one to-do, and no message about each.
        reviews = own.with_context(tracking_disable=True)._claim(vals_list).with_env(own.env)
        reviews._take_picture(day_of)
        reviews._ask_questions()
        reviews._follow_quietly()
        reviews.filtered('user_id')._give_to_do(lambda env: env._("A review to be done"))
        self.env['fulfilment.event']._note(reviews, 'planned', {
            one: {'after': {'kind': one.kind, 'stage': one.stage or None}} for one in reviews
        })
        return reviews

    @api.model
    def _reviewer(self, plan, contract):
        """Return who reviews: whom the plan names, else who is responsible, else the fulfilment manager; nobody who has left."""
        people = (plan.user_id, contract.user_id, contract.company_id.fulfilment_manager_id)
        return next((one for one in people if one.active and contract.company_id in one.company_ids), self.env['res.users'])

    def _take_picture(self, day_of):
        """Copy milestones and figures of the contracts as they stand."""
        contracts = self.contract_id
        damages = self.env['fulfilment.damages'].search([('contract_id', 'in', contracts.ids), ('state', 'in', ('accruing', 'claimed'))])
        counts = {
            name: dict(self.env[model]._read_group([('contract_id', 'in', contracts.ids), *domain], ['contract_id'], ['__count']))
            for name, model, domain in (
                ('ticket_count', 'fulfilment.ticket', [('is_open', '=', True)]),
                ('breach_count', 'fulfilment.breach', [('state', 'not in', ('closed', 'withdrawn'))]),
            )
        }
        disputes = contracts._open_disputes()
        late = contracts.milestone_ids.filtered_domain(OUTSTANDING).filtered(
            lambda one: one.date_planned and one.date_planned < day_of[one.company_id] and not one._waits_for_another(),
        )
        lines = []
        for review in self.filtered('contract_id'):
            contract, day = review.contract_id, day_of[review.company_id]
            kept = contract.milestone_ids.filtered(lambda one: one.state != 'cancelled')
            seen = [one._as_reviewed(day, one in late) for one in kept.sorted(lambda one: (one.date_planned or date.max, one.id))]
            payments = contract.milestone_ids.filtered(lambda one: one.kind == 'payment' and one.obligor == 'customer')
            owed = {debtor: sum(
                one.amount_due for one in damages if one.contract_id == contract and one.debtor == debtor
            ) for debtor in ('us', 'customer')}
            review.write({
                'milestone_count': len(seen), **{f'late_{who}': sum(
                    bool(one['days_late']) and one['obligor'] == who for one in seen
                ) for who in ('us', 'customer')},
                **{f'rate_{who}': _share_on_time(seen, who, day) for who in ('us', 'customer')},
                'amount_total': contract.amount_total, 'amount_paid': sum(payments.mapped('amount_done')),
                'amount_late': sum(one.amount_open for one in payments if one in late),
                'damages_us': owed['us'], 'damages_customer': owed['customer'], 'dispute_count': disputes.get(contract, 0),
                **{name: found.get(contract, 0) for name, found in counts.items()},
            })
            lines += [{'review_id': review.id, **one} for one in seen]
        self.env['fulfilment.review.line'].create(lines)

    def _ask_questions(self):
        """Put the questions of the plans, each with the mark that the facts suggest."""
        facts = self._facts_of()
        answers = []
        for review in self:
            told = review.with_context(lang=review.user_id.lang or review.company_id.partner_id.lang or self.env.lang)
            for question in told.plan_id.question_ids:
                mark, ground = facts.get((review, question.measure), (None, False))
                mark = str(mark) if mark else False
                answers.append({
                    'review_id': review.id, 'question_id': question.id, 'question': question.name, 'weight': question.weight,
                    'measure': question.measure, 'suggested': mark, 'mark': mark, 'ground': ground,
                })
        self.env['fulfilment.review.answer'].create(answers)


class FulfilmentMilestone(models.Model):
    _inherit = 'fulfilment.milestone'

    def _as_reviewed(self, day, is_late):
        """Return what a review of a day keeps of the milestone: values of a line."""
        self.ensure_one()
        days = self.days_late_final if self.state == 'done' else (day - self.date_planned).days if is_late else 0
        fault = False
        if days > 0:
            other = {'us': 'customer', 'customer': 'us'}[self.obligor]
            fault = other if self.env['fulfilment.breach']._first_fault_of(self) == 'other' else self.obligor
        return {
            'milestone_id': self.id, 'name': self.name, 'kind': self.kind, 'obligor': self.obligor, 'owner': self.user_id.name or False,
            'date_first_planned': self.date_first_planned, 'date_planned': self.date_planned, 'date_done': self.date_done,
            'state': self.state, 'days_late': max(days, 0), 'fault': fault, 'amount': self.amount, 'amount_done': self.amount_done,
        }


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    def _open_disputes(self):
        """Return how many disputes about invoices of each contract are open: ``{contract: number}``, as superuser."""
        disputes = self.env['fulfilment.dispute'].search([
            ('state', '=', 'open'), ('company_id', 'in', self.company_id.ids), ('partner_id', 'in', self.commercial_partner_id.ids),
        ])
        found = {}
        if disputes:
            instalments = self.env['fulfilment.instalment'].search([
                ('move_id', 'in', disputes.move_id.ids), ('contract_id', 'in', self.ids),
            ])
            about = {}
            for instalment in instalments:
                about.setdefault(instalment.move_id, set()).add(instalment.contract_id)
            for dispute in disputes:
                for contract in about.get(dispute.move_id, ()):
                    found[contract] = found.get(contract, 0) + 1
        return found


def _share_on_time(lines, who, day):
    """Return how many percent of what one side owed by a day was on time: None where nothing was owed."""
    due = [
        one for one in lines if one['obligor'] == who and one['date_planned']
        and (one['state'] == 'done' or one['state'] == 'pending' and one['date_planned'] < day)
    ]
    return 100 * sum(not one['days_late'] and one['state'] == 'done' for one in due) / len(due) if due else None
