"""Nobody is shown a button that ends in an access error; whoever calls one all the same is told whom to ask."""
import contextlib
import re

from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import FulfilmentCommon


@tagged('post_install', '-at_install')
class TestButtons(FulfilmentCommon):

    def _records(self):
        """Records of every kind that people act on, those of a running contract and those of one that waits."""
        records = []
        for state in ('active', 'approved', 'draft'):
            contract, parts = self._make_contract_with_parts(state, user_id=self.user_sales.id)
            records += [contract, *parts.values()]
        records += self._make_customer_records(self.user_sales, self.company_a).values()
        plan = self.env.ref('fulfilment_crm.response_plan_default')
        started = plan._start(contract, owner=self.user_sales)
        records += [started, started.step_ids]
        risks = [one for one in records if one._name == 'fulfilment.risk']
        for risk, state in zip(risks, ('mitigated', 'closed'), strict=False):
            risk.sudo().state = state
        return records

    def _buttons(self, record, user):
        """What the form of a record shows this user to press."""
        mine = record.with_user(user)
        arch = etree.fromstring(mine.get_view(view_type='form')['arch'])
        shown = [
            (button, [node.get('invisible') for node in (button, *button.iterancestors()) if node.get('invisible')])
            for button in arch.xpath("//button[@type='object'][not(ancestor::field)]")
        ]
        named = {word for _button, hidden in shown for one in hidden for word in re.findall(r'\w+', one) if word in record._fields}
        values = {**mine.read([*sorted(named), 'display_name'], load='')[0], 'uid': user.id, 'context': {}}
        for button, hidden in shown:
            if not any(one in ('1', 'True') or safe_eval(one, values) for one in hidden):
                yield button.get('name')

    def _press(self, record, name):
        try:
            getattr(record, name)()
        except AccessError as error:
            self.fail(f'shown, but: {error}')

    def test_what_cannot_be_undone_is_asked(self):
        """And what can be undone is not."""
        for model, asked, plain in (
            ('fulfilment.contract', {'action_close', 'action_settle', 'action_activate', 'action_withdraw'}, {'action_submit'}),
            ('fulfilment.amendment', {'action_withdraw'}, {'action_submit'}),
        ):
            arch = etree.fromstring(self.env[model].get_view(view_type='form')['arch'])
            questions = {button.get('name') for button in arch.iter('button') if button.get('confirm')}
            with self.subTest(model=model):
                self.assertLessEqual(asked, questions)
                self.assertFalse(plain & questions)

    def test_menus_are_told_apart(self):
        """No two entries that open something have one name, and none says what only its place would: the command palette has no place."""
        menus = self.env['ir.ui.menu'].with_context(**{'ir.ui.menu.full_list': True}).search([
            ('id', 'child_of', self.env.ref('fulfilment_crm.menu_root').id), ('action', '!=', False),
        ])
        names = menus.mapped('name')
        self.assertFalse(sorted({name for name in names if names.count(name) > 1}))
        chinese = menus.with_context(lang='zh_CN').mapped('name') if self.env['res.lang'].search([('code', '=', 'zh_CN')]) else []
        self.assertFalse(sorted({name for name in chinese if chinese.count(name) > 1}))

    def test_what_readers_are_shown(self):
        seen = set()
        for record in (one[:1] for one in self._records()):
            for user in (
                self.user_sales, self.user_sales_2, self.user_leader, self.user_legal, self.user_credit, self.user_service,
                self.user_inspector, self.user_manager,
            ):
                mine = record.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
                if not mine.has_access('read') or mine.has_access('write'):
                    continue
                for name in self._buttons(record, user):
                    seen.add((record._name, name))
                    with self.subTest(model=record._name, button=name, user=user.login), self.env.cr.savepoint() as savepoint:
                        # A sentence that says what is missing is no access error.
                        with contextlib.suppress(UserError, ValidationError):
                            self._press(mine, name)
                        savepoint.rollback()
        self.assertIn(('fulfilment.alert', 'action_open_record'), seen)
        self.assertFalse({one for one in seen if one[1] in ('action_acknowledge', 'action_mitigate', 'action_take')})

    def test_lists_of_parts(self):
        """Buttons in the rows of a form's tables, which follow the rights on the row."""
        plan = self.env.ref('fulfilment_crm.response_plan_default')
        step = plan._start(self._make_contract('active', user_id=self.user_sales.id), owner=self.user_sales).step_ids[:1]
        self.assertTrue(step.with_user(self.user_sales).can_change)
        self.assertFalse(step.with_user(self.user_inspector).can_change)

    def test_whom_to_ask(self):
        alert = self._make_alert(self._make_contract('active', user_id=self.user_sales.id))
        with self.assertRaisesRegex(AccessError, 'but not change it: ask f_sales'):
            alert.with_user(self.user_legal).action_acknowledge()
        with self.assertRaisesRegex(AccessError, 'your role does not allow it'):
            self.env['fulfilment.warning.rule'].search([], limit=1).with_user(self.user_sales).write({'name': 'x'})
        # What may not be read is not named.
        other = self._make_contract('active', company_id=self.company_b.id, user_id=self.user_b.id)
        with self.assertRaises(AccessError) as caught:
            other.with_user(self.user_sales).write({'title': 'x'})
        self.assertNotIn(other.name, str(caught.exception))

    def test_credit_note_by_whoever_writes_invoices(self):
        ticket = self.env['fulfilment.ticket'].create({
            'title': 'Leak', 'company_id': self.company_a.id, 'partner_id': self.customer.id, 'compensation_amount': 5,
        })
        accountant = self._make_user('f_accountant', 'group_credit', 'account.group_account_invoice')
        with self.assertRaisesRegex(UserError, 'Name the invoice'):
            ticket.with_user(accountant).action_credit_note()
        with self.assertRaises(AccessError):
            ticket.with_user(self.user_service).action_credit_note()
