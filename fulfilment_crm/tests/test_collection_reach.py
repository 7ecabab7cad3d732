"""What the account of a customer must not be reached by: other people's records, contacts, slices, links, words."""
from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common_profile import TODAY, ProfileCommon


@tagged('post_install', '-at_install')
class TestReach(ProfileCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._fulfilment_today()[cls.company]
        cls.seller, cls.colleague = cls._make_sales_user('r_seller'), cls._make_sales_user('r_colleague')
        cls.credit, cls.second = (
            cls._make_role(login, 'group_credit', 'account.group_account_invoice') for login in ('r_credit', 'r_second')
        )
        cls.customer.user_id, cls.other.user_id = cls.seller, cls.colleague
        cls.line = cls._invoice(cls.customer, 1000, cls.today - timedelta(days=10), day=cls.today - timedelta(days=40))
        cls.theirs = cls._invoice(cls.other, 700, cls.today - timedelta(days=10), day=cls.today - timedelta(days=40))
        cls.reason = cls.env['fulfilment.dispute.reason'].search([], limit=1)
        cls.env.flush_all()
        cls.Profile._refresh(companies=cls.company)

    def _about(self, model, **vals):
        return self.env[model].with_user(self.seller).create({'partner_id': self.customer.id, 'company_id': self.company.id, **vals})

    def _dispute(self, amount, user=None, line=None, **vals):
        return self.env['fulfilment.dispute'].with_user(user or self.credit).create({
            'move_id': (line or self.line).move_id.id, 'reason_id': self.reason.id, 'amount': amount, **vals,
        })

    # === WHOSE ACCOUNT === #

    def test_nothing_is_moved_to_somebody_elses_customer(self):
        statement = self._about('fulfilment.statement', as_of=self.today)
        plan = self._about('fulfilment.payment.plan', amount=100)
        for record in (statement, plan):
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                record.write({'partner_id': self.other.id})

    def test_what_decides_is_looked_at_again(self):
        """All our models whose rules go by a field: once it has changed, the right to write is asked again."""
        for name in self.env.registry:
            model = self.env[name].with_user(self.seller)
            if not name.startswith('fulfilment.') or model._abstract or model._transient or not hasattr(model, '_deciding_fields'):
                continue
            deciding = model._deciding_fields()
            for field in ('company_id', 'partner_id', 'contract_id', 'customer_id'):
                paths = {condition.field_expr for condition in Domain(
                    self.env['ir.rule'].with_user(self.seller)._compute_domain(name, 'write')).iter_conditions()}
                if any(path.startswith(f'{field}.') for path in paths) or field in paths:
                    with self.subTest(model=name, field=field):
                        related = model._fields[field].related
                        self.assertIn(related.split('.')[0] if related else field, deciding)

    def test_a_contact_is_its_company(self):
        contact = self.env['res.partner'].create({'name': 'Mine', 'parent_id': self.other.id, 'user_id': self.seller.id})
        statement, plan = self._about('fulfilment.statement', as_of=self.today), self._about('fulfilment.payment.plan', amount=100)
        for record in (statement, plan):
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                record.write({'partner_id': contact.id})
        for model, vals in (('fulfilment.statement', {'as_of': self.today}), ('fulfilment.payment.promise', {
            'amount': 10, 'date_promised': self.today,
        })):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.seller).create({'partner_id': contact.id, 'company_id': self.company.id, **vals})

    def test_held_parts_are_read_with_what_they_are_held_for(self):
        self._dispute(100, line=self.theirs, user_id=self.colleague.id)
        holds = self.env['fulfilment.instalment.hold']
        self.assertTrue(holds.with_user(self.colleague).search([('move_line_id', '=', self.theirs.id)]))
        self.assertFalse(holds.with_user(self.seller).search([('move_line_id', '=', self.theirs.id)]))

    def test_employees_without_a_role_read_nothing_of_it(self):
        clerk = new_test_user(
            self.env, 'r_clerk', 'base.group_user', company_id=self.company.id, company_ids=[Command.set(self.company.ids)],
        )
        self.customer._fulfilment_says_paid(self.line, self.today, 'TX', self.seller)
        self.customer._fulfilment_send_invoices(self.line.move_id, self.customer, self.company)
        self.env.flush_all()
        told = self.env['mail.message'].with_user(clerk).search([('model', '=', 'res.partner'), ('res_id', '=', self.customer.id)])
        self.assertFalse(told.filtered(lambda message: self.line.move_name in (message.body or '')))
        self.assertFalse(self.env['ir.attachment'].with_user(clerk).search([('name', 'like', self.line.move_name.replace('/', '-'))]))

    def test_papers_go_to_confirmed_addresses(self):
        """An employee without a role adds an invoice address: neither statements nor letters go there."""
        self.customer.email = 'office@hengtong.example'
        clerk = new_test_user(
            self.env, 'r_clerk2', 'base.group_user,base.group_partner_manager', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        planted = self.env['res.partner'].with_user(clerk).create({
            'name': 'Accounts', 'parent_id': self.customer.id, 'type': 'invoice', 'email': 'clerk@evil.example',
        })
        receivers = self.env['fulfilment.statement']._receivers
        self.assertEqual(receivers(self.customer)[self.customer], self.customer)
        self.assertTrue(planted.fulfilment_is_unvouched)
        for user in (clerk, self.colleague):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                planted.with_user(user).action_fulfilment_vouch()
        with self.assertRaises(AccessError):
            planted.with_user(clerk).write({'fulfilment_unvouched': False})
        planted.with_user(self.seller).action_fulfilment_vouch()
        self.assertEqual(receivers(self.customer)[self.customer], planted)
        planted.with_user(clerk).write({'email': 'other@evil.example'})
        self.assertEqual(receivers(self.customer)[self.customer], self.customer)
        planted.with_user(clerk).write({'email': 'other@evil.example', 'name': 'Same'})
        planted.with_user(self.seller).write({'email': 'accounts@hengtong.example'})
        self.assertEqual(receivers(self.customer)[self.customer], planted, "who looks after the account may say so")
        self.customer.with_user(clerk).write({'email': 'clerk@evil.example'})
        planted.with_user(clerk).write({'email': 'again@evil.example'})
        self.assertFalse(receivers(self.customer)[self.customer])
        statement = self._about('fulfilment.statement', as_of=self.today)
        with self.assertRaisesRegex(UserError, 'confirm it'):
            statement.action_send()
        for placed in (
            lambda: self.env['res.partner'].with_user(clerk).create({
                'name': 'Later', 'parent_id': self.other.id, 'type': 'invoice', 'is_company': True, 'email': 'clerk@evil.example',
            }).write({'is_company': False}),
            lambda: self.env['res.partner'].with_user(clerk).create({
                'name': 'Person', 'child_ids': [Command.create({'name': 'Child', 'type': 'invoice', 'email': 'clerk@evil.example'})],
            }).write({'parent_id': self.other.id}),
        ):
            self.other.email = 'office@other.example'
            placed()
            self.env.flush_all()
            self.assertEqual(receivers(self.other)[self.other], self.other)
        # Who has a role enters what they know of a prospect; moved below a colleague's customer, all of it waits.
        person = self.env['res.partner'].with_user(self.seller).create({
            'name': 'Person', 'child_ids': [Command.create({'name': 'Child', 'type': 'invoice', 'email': 'me@evil.example'})],
        })
        self.assertFalse(person.child_ids.sudo().fulfilment_unvouched)
        person.write({'parent_id': self.other.id, 'email': 'me@evil.example'})
        self.env.flush_all()
        self.assertEqual(receivers(self.other)[self.other], self.other)
        planted.with_user(self.seller).write({'type': 'contact'})
        self.assertTrue(planted.fulfilment_is_unvouched, "another field confirms nothing")
        self.assertFalse(planted._fulfilment_may_get_link())
        stranger = self.env['res.partner'].with_user(clerk).create({'name': 'No customer', 'email': 'new@firm.example'})
        self.assertFalse(stranger.fulfilment_is_unvouched, "of whom there is no account, nothing is asked")

    def test_an_address_changed_while_a_paper_waits(self):
        self.customer.email = 'office@hengtong.example'
        clerk = new_test_user(
            self.env, 'r_clerk4', 'base.group_user,base.group_partner_manager', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        mail = self.env['mail.mail'].sudo().create({
            'model': 'fulfilment.statement', 'res_id': self._about('fulfilment.statement', as_of=self.today).id,
            'subject': 'Statement', 'body_html': '<p>Statement</p>',
            'recipient_ids': [Command.set(self.customer.ids)],
        })
        self.assertEqual(len(mail._prepare_outgoing_list()), 1)
        self.customer.with_user(clerk).email = 'clerk@evil.example'
        self.assertFalse(mail._prepare_outgoing_list())
        with self.assertRaises(UserError):
            self.customer._fulfilment_send_invoices(self.line.move_id, self.customer, self.company)
        self.customer.with_user(self.seller).action_fulfilment_vouch()
        self.assertEqual(len(mail._prepare_outgoing_list()), 1)

    def test_an_order_takes_no_customer_over(self):
        """A customer whom nobody is named for stays with who sold to it first, while they work here."""
        self.customer.user_id = False
        self._order(self.customer, 1, self.today).user_id = self.seller
        self.Profile._refresh(self.customer, companies=self.company)
        profile = self.Profile.search([('partner_id', '=', self.customer.id), ('company_id', '=', self.company.id)])
        self.assertEqual(profile.user_id, self.seller)
        order = self._order(self.customer, 1, self.today)
        order.user_id = self.colleague
        self.Profile._refresh(self.customer, companies=self.company)
        self.assertEqual(profile.user_id, self.seller)
        self.seller.active = False
        self.Profile._refresh(self.customer, companies=self.company)
        self.assertEqual(profile.user_id, self.colleague)

    def test_an_address_is_one_for_all_companies(self):
        """Who looks after the account in one company enters no address for the others."""
        elsewhere = self.env['res.company'].create({'name': 'Elsewhere'})
        stranger = new_test_user(
            self.env, 'r_elsewhere', 'fulfilment_crm.group_user,base.group_partner_manager', company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        self.customer.company_id = False
        self.Profile.create({'partner_id': self.customer.id, 'company_id': elsewhere.id, 'user_id': stranger.id})
        self.customer.user_id = False
        contacts = self.env['res.partner'].with_user(stranger).with_context(allowed_company_ids=elsewhere.ids)
        planted = contacts.create({
            'name': 'Accounts', 'parent_id': self.customer.id, 'type': 'invoice', 'email': 'me@evil.example',
        })
        self.assertTrue(planted.fulfilment_is_unvouched)
        with self.assertRaises(AccessError):
            planted.action_fulfilment_vouch()
        planted.with_user(self.credit).with_context(allowed_company_ids=self.company.ids).action_fulfilment_vouch()
        self.assertFalse(planted.fulfilment_is_unvouched)

    def test_a_login_of_an_unconfirmed_address_sees_nothing(self):
        """Whoever may invite to the portal could invite themselves."""
        self.customer.email = 'office@hengtong.example'
        clerk = new_test_user(
            self.env, 'r_clerk3', 'base.group_user,base.group_partner_manager', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        planted = self.env['res.partner'].with_user(clerk).create({
            'name': 'Me', 'parent_id': self.customer.id, 'email': 'clerk@evil.example',
        })
        login = new_test_user(
            self.env, 'r_planted', 'base.group_portal', partner_id=planted.id, company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        ticket = self.env['fulfilment.ticket'].create({
            'title': 'Confidential', 'partner_id': self.customer.id, 'company_id': self.company.id, 'kind': 'demand',
        })
        contract = self.env['fulfilment.contract'].create({
            'partner_id': self.customer.id, 'type_id': self.env.ref('fulfilment_crm.contract_type_service').id,
            'user_id': self.seller.id, 'company_id': self.company.id,
        })
        contract.state = 'active'
        pages = (f'/my/fulfilment/tickets/{ticket.id}', f'/my/fulfilment/contracts/{contract.id}', '/my/fulfilment/owed')
        self.authenticate('r_planted', 'r_planted')
        for page, told in zip(pages, ('Confidential', contract.name, self.line.move_name), strict=True):
            with self.subTest(page=page):
                self.assertNotIn(told, self.url_open(page).text)
        self.assertFalse(contract.with_user(login).search([('id', '=', contract.id)]))
        planted.with_user(self.seller).action_fulfilment_vouch()
        self.assertEqual(contract.with_user(login).search([('id', '=', contract.id)]), contract)
        self.assertIn('Confidential', self.url_open(pages[0]).text)
        self.assertIn(self.line.move_name, self.url_open('/my/fulfilment/owed').text)
        self.assertTrue(login)

    def test_a_leader_without_the_ledger_accepts(self):
        """Deciding takes no rights on journal entries."""
        leader = self._make_role('r_leader', 'group_manager')
        dispute = self._dispute(100)
        dispute.with_user(leader).action_accept()
        self.assertEqual(dispute.state, 'accepted')

    def test_a_call_is_about_ones_own_customer(self):
        Call = self.env['fulfilment.collection.call'].with_user(self.seller)
        theirs = self.Profile.search([('partner_id', '=', self.other.id), ('company_id', '=', self.company.id)])
        mine = self.Profile.search([('partner_id', '=', self.customer.id), ('company_id', '=', self.company.id)])
        self.env['fulfilment.contract'].sudo().create({
            'partner_id': self.other.id, 'type_id': self.env.ref('fulfilment_crm.contract_type_service').id, 'user_id': self.seller.id,
            'company_id': self.company.id,
        })
        with self.assertRaises(AccessError):
            Call.create({'profile_id': theirs.id, 'company_id': self.company.id, 'result': 'paid'}).action_confirm()
        with self.assertRaises(ValidationError):
            Call.create({'profile_id': mine.id, 'company_id': self.company.id, 'result': 'paid', 'contact_id': self.other.id})
        Call.create({
            'profile_id': mine.id, 'company_id': self.company.id, 'result': 'paid', 'contact_id': self.customer.id,
        }).action_confirm()

    def test_trials_of_other_companies(self):
        elsewhere = self._make_company('Elsewhere')
        strategy = self.env['fulfilment.collection.strategy'].search([], limit=1)
        with self.assertRaises(AccessError):
            self.env['fulfilment.collection.preview'].with_user(self.credit).create({
                'strategy_id': strategy.id, 'company_id': elsewhere.id,
            }).action_count()

    # === DISPUTES === #

    def test_no_more_is_credited_than_the_invoice(self):
        first = self._dispute(1000)
        first.action_reject(reason='No')
        second = self._dispute(1000)
        with self.assertRaises(UserError):
            first.with_user(self.second).action_second_look(reason='Look')
        second.with_user(self.second).action_accept()
        self.assertEqual(second.state, 'accepted')
        with self.assertRaises(UserError):
            first.with_user(self.second).action_second_look(reason='Look')

    def test_nobody_decides_twice(self):
        dispute = self._dispute(100)
        dispute.with_user(self.second).action_reject(reason='No')
        dispute.action_second_look(reason='Look')
        third = self._make_role('r_third', 'group_credit', 'account.group_account_invoice')
        dispute.with_user(third).action_reject(reason='No')
        dispute.action_second_look(reason='Look')
        for user in (self.second, third):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                dispute.with_user(user).action_accept()
        dispute.with_user(self._make_role('r_fourth', 'group_credit', 'account.group_account_invoice')).action_accept()

    def test_who_sells_looks_again_once(self):
        dispute = self._dispute(100, user_id=self.seller.id)
        dispute.with_user(self.second).action_reject(reason='No')
        dispute.with_user(self.seller).action_second_look(reason='Look')
        dispute.with_user(self.credit).action_reject(reason='No')
        with self.assertRaisesRegex(UserError, 'credit control'):
            dispute.with_user(self.seller).action_second_look(reason='Look')
        dispute.with_user(self.credit).action_second_look(reason='Look')

    def test_who_sells_does_not_accept_what_they_opened(self):
        dispute = self._dispute(100, self.credit, user_id=self.seller.id)
        mine = self.env['fulfilment.dispute.open'].with_user(self.seller).create({
            'line_number': self.line.id, 'reason_id': self.reason.id, 'amount': 50,
        })
        opened = self.env['fulfilment.dispute'].browse(mine.action_open_dispute()['res_id']).with_user(self.seller)
        with self.assertRaises(AccessError):
            opened.action_accept()
        opened.with_user(self.credit).action_accept()
        dispute.with_user(self.second).action_accept()

    def test_slices_are_judged_as_the_whole(self):
        self._dispute(300).with_user(self.second).action_accept()
        dispute = self._dispute(200)
        self.assertEqual(dispute._approval_amounts()[dispute], 500.0)
        self.assertEqual(self._dispute(10, line=self.theirs)._approval_amounts().popitem()[1], 10.0, "of another customer")
        several = dispute | self._dispute(150)
        several.sudo().write({'amount_proposed': 100})
        self.assertEqual(several[0]._approval_amounts()[several[0]], 500.0, "what is accepted in the same call counts")

    def test_whoever_let_in_the_customer_does_not_accept(self):
        contact = self.env['res.partner'].with_user(self.seller).create({
            'name': 'My friend', 'parent_id': self.customer.id, 'email': 'friend@evil.example',
        })
        login = new_test_user(
            self.env, 'r_friend', 'base.group_portal', partner_id=contact.id, company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        dispute = self.env['fulfilment.dispute'].with_user(login).sudo()._dispute_by_customer(
            self.line, 100, self.reason, 'Broken', 'portal', self.seller,
        )
        with self.assertRaises(AccessError):
            dispute.with_user(self.seller).sudo(False).action_accept()
        dispute.with_user(self.credit).sudo(False).action_accept()

    def test_of_what_one_reads_only_nothing_is_disputed(self):
        self.env['fulfilment.contract'].sudo().create({
            'partner_id': self.other.id, 'type_id': self.env.ref('fulfilment_crm.contract_type_service').id, 'user_id': self.seller.id,
            'company_id': self.company.id,
        })
        wizard = self.env['fulfilment.dispute.open'].with_user(self.seller).create({
            'line_number': self.theirs.id, 'reason_id': self.reason.id, 'amount': 10,
        })
        with self.assertRaises(UserError):
            wizard.action_open_dispute()

    def test_the_amount_follows_from_its_basis(self):
        for vals in ({'basis': 'percent', 'percent': 1}, {'basis': 'tax'}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self._dispute(900, **vals)

    def test_the_customers_words_stay(self):
        dispute = self.env['fulfilment.dispute']._dispute_by_customer(self.line, 100, self.reason, 'Broken', 'portal', self.seller)
        with self.assertRaises(UserError):
            dispute.with_user(self.credit).write({'description': 'All is well'})

    def test_an_answer_is_not_put_off_without_end(self):
        with self.assertRaises(ValidationError):
            self._dispute(10, user_id=self.seller.id).with_user(self.seller).write({'date_answer_due': '9999-12-31'})
        self._dispute(10).write({'date_answer_due': self.today + timedelta(days=200)})

    # === PROMISES === #

    def _promise(self, user, **vals):
        return self.env['fulfilment.payment.promise'].with_user(user).create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'amount': 100, 'date_promised': self.today, **vals,
        })

    def test_who_sells_agrees_on_what_is_usual(self):
        for vals in (
            {'date_promised': self.today + timedelta(days=91)}, {'date_promised': self.today - timedelta(days=1)}, {'threshold': 0.01},
            {'grace_days': 99},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self._promise(self.seller, **vals)
            self._promise(self.credit, **vals)
        promise = self._promise(self.seller, date_promised=self.today + timedelta(days=90))
        with self.assertRaises(UserError):
            promise.action_renegotiate(date_promised=self.today + timedelta(days=91))
        with mute_logger('odoo.sql_db'), self.assertRaises(CheckViolation), self.env.cr.savepoint():
            self._promise(self.credit, amount=1e300)

    def test_a_promise_is_counted_from_when_it_was_first_made(self):
        promise = self._promise(self.seller, date_promised=self.today + timedelta(days=60))
        promise.sudo().made_on = self.today - timedelta(days=50)
        with self.assertRaises(UserError):
            promise.action_renegotiate(date_promised=self.today + timedelta(days=41))
        promise.action_renegotiate(date_promised=self.today + timedelta(days=40))

    def test_who_sells_grants_no_delay_by_another_road(self):
        """What a promise may not say, a plan or a pause may not either."""
        plan = {'amount': 900, 'number': 3, 'date_first': self.today + timedelta(days=30)}
        for vals in (
            {'number': 1}, {'date_first': self.today + timedelta(days=91)}, {'number': 14}, {'cure_days': 60},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self._about('fulfilment.payment.plan', **{**plan, **vals}).action_agree()
        self._about('fulfilment.payment.plan', **plan).action_agree()
        pauses = self.env['fulfilment.reminder.pause'].with_user(self.seller)
        pause = {'partner_id': self.customer.id, 'company_id': self.company.id, 'reason': 'Holidays', 'date_from': self.today}
        with self.assertRaises(UserError):
            pauses.create({**pause, 'date_to': self.today + timedelta(days=92)})
        first = pauses.create({**pause, 'date_to': self.today + timedelta(days=59)})
        with self.assertRaises(UserError):
            pauses.create({**pause, 'date_from': first.date_to + timedelta(days=1), 'date_to': first.date_to + timedelta(days=33)})
        with self.assertRaises(UserError):
            first.write({'date_to': '2046-01-01'})
        first.with_user(self._make_role('r_boss', 'group_manager')).write({'date_to': '2046-01-01'})

    def test_after_two_that_were_broken_credit_control_agrees(self):
        for days in (20, 30):
            self._promise(self.credit, date_promised=self.today - timedelta(days=days)).sudo()._follow_ledger(self.today)
        with self.assertRaises(UserError):
            self._promise(self.seller)
        with self.assertRaises(UserError):
            self._about('fulfilment.payment.plan', amount=900, number=2).action_agree()
        self._promise(self.credit)

    def test_a_broken_promise_stays_one(self):
        promise = self._promise(self.credit, date_promised=self.today - timedelta(days=20))
        promise.sudo()._follow_ledger(self.today)
        self.assertEqual(promise.state, 'broken')
        with self.assertRaises(UserError):
            promise.action_renegotiate(date_promised=self.today + timedelta(days=10))

    def test_nothing_received_keeps_nothing(self):
        promise = self._promise(self.credit, amount=40, threshold=0.01, date_promised=self.today - timedelta(days=20))
        promise.sudo()._follow_ledger(self.today)
        self.assertEqual(promise.state, 'broken')

    # === STATEMENTS AND WORDS === #

    def test_a_link_is_of_one_customer_and_day(self):
        statement = self._about('fulfilment.statement', as_of=self.today)
        token = statement.sudo()._portal_ensure_token()
        statement.write({'as_of': self.today - timedelta(days=1)})
        self.assertNotEqual(statement.sudo()._portal_ensure_token(), token)
        for user in (self.seller, self.credit):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                statement.with_user(user).get_portal_url()

    def test_responsible_is_a_colleague(self):
        portal = new_test_user(
            self.env, 'r_portal', 'base.group_portal', company_id=self.company.id, company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(UserError):
            self._about('fulfilment.statement', as_of=TODAY, user_id=portal.id)

    def test_strangers_words_are_text(self):
        statement = self._about('fulfilment.statement', as_of=self.today)
        statement.sudo()._freeze()
        statement.sudo()._answer(False, 'X', 'link', text='<img src=x><a href="https://evil.example">Log in</a>')
        note = self.env['mail.activity'].search([('res_model', '=', statement._name), ('res_id', '=', statement.id)], limit=1).note
        self.assertNotIn('<img', note)
        self.assertNotIn('>Log in<', note)
