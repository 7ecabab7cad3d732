"""Contracts whose clauses know damages."""
from datetime import timedelta

from odoo.fields import Command
from odoo.tests import new_test_user

from .common import TODAY, switch_everything_on
from .common_payment import PaymentCommon


def day(number):
    return TODAY + timedelta(days=number)


class BreachCommon(PaymentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        switch_everything_on(cls.env)
        cls.company.fulfilment_approval = False
        cls.seller, cls.leader, cls.legal = (
            cls._make_person(login, group) for login, group in (('b_seller', 'user'), ('b_leader', 'leader'), ('b_legal', 'legal'))
        )
        cls.Damages = cls.env['fulfilment.damages']

    @classmethod
    def _make_person(cls, login, group, *others):
        return new_test_user(
            cls.env, login, ','.join(['base.group_user', f'fulfilment_crm.group_{group}', *others]), company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)], email=f'{login}@b.example',
        )

    def _agreed(self, terms, *milestones, **vals):
        """A contract in force with a clause of damages and milestones; each is a dict with ``days``, after TODAY, when it is due."""
        contract = self.env['fulfilment.contract'].create({
            'company_id': self.company.id, 'partner_id': self.partner_a.id, 'title': 'Pumps',
            'type_id': self.env.ref('fulfilment_crm.contract_type_service').id, 'amount_total': 200000.0, 'date_start': TODAY,
            'user_id': self.seller.id, **vals,
        })
        self.env['fulfilment.contract.clause'].create({
            'contract_id': contract.id, 'name': 'Damages', 'body': 'Damages and termination.',
            'category_id': self.env.ref('fulfilment_crm.clause_category_breach').id,
            'parameter_ids': [Command.create({
                'key': role, 'name': role, 'role': role, 'value_number': value,
            }) for role, value in terms.items()],
        })
        before = self.env['fulfilment.milestone']
        for number, one in enumerate(milestones, 1):
            before = before.create({
                'contract_id': contract.id, 'name': f'Milestone {number}', 'kind': 'payment', 'obligor': 'customer', 'sequence': number,
                **{name: value for name, value in one.items() if name != 'days'},
                **({'predecessor_id': before.id} if one.get('anchor') == 'predecessor' else {}),
                **({'date_planned': day(one['days'])} if 'days' in one else {}),
            })
        contract._move_to('approved')
        contract.sudo().date_signed = TODAY
        contract._activate()
        return contract

    def _paper(self, name='Receipt.pdf', user=None):
        """A file that proves something."""
        return self.env['ir.attachment'].with_user(user or self.env.user).create({'name': name, 'raw': b'%PDF-1.4'})

    def _accrued(self, contract, number):
        """What has accrued in a contract by a day: ``[(who owes, days, amount)]``."""
        self.settle()
        self.Damages._accrue(contract, as_of=day(number))
        return [(one.debtor, one.days, one.amount) for one in contract.damages_ids.sorted(lambda one: (one.date_from, one.id))]
