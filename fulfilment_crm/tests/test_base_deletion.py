"""What is kept on record is not deleted, whatever key of the context the call brings."""
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .common import FulfilmentCommon
from .common_gate import GateCommon


@tagged('post_install', '-at_install')
class TestDeletion(FulfilmentCommon):

    def _guarded_models(self):
        """Models of which a check of ours keeps records from being deleted."""
        return [
            name for name in self.env.registry if not self.env[name]._abstract and any(
                method.__module__.startswith('odoo.addons.fulfilment_crm') for method in self.env[name]._ondelete_methods
            )
        ]

    def test_every_guard_stands_under_the_key_for_removing_modules(self):
        records = {}
        for state in ('active', 'approved'):
            contract, parts = self._make_contract_with_parts(state)
            records.update({'fulfilment.contract': contract, **parts})
        scorecard = self.env.ref('fulfilment_crm.scorecard_standard')
        clause = self.env['fulfilment.clause'].search([], limit=1)
        clause.sudo().legal_state = 'signed_off'
        records.update({
            'fulfilment.scorecard': scorecard, 'fulfilment.scorecard.criterion': scorecard.criterion_ids[:1],
            'fulfilment.scorecard.band': scorecard.criterion_ids.band_ids[:1], 'fulfilment.clause': clause,
        })
        records.update(self._make_customer_records(self.user_sales, self.company_a))
        amendment = records['fulfilment.amendment']
        amendment.sudo().state = 'applied'
        records['fulfilment.amendment.line'] = amendment.line_ids
        users = self.env.ref('base.user_admin') | self.user_manager | self.user_sales | self.user_credit | self.user_legal
        self.env.ref('base.user_admin').company_ids |= self.company_a
        tried = set()
        for model in self._guarded_models():
            record = records.get(model)
            if not record or model in ('ir.attachment', 'sale.order'):
                continue
            for user in users:
                mine = record.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
                if not mine.has_access('unlink'):
                    continue
                plain = self._refusal(mine)
                if plain is None:
                    continue
                tried.add(model)
                with self.subTest(model=model, user=user.login):
                    self.assertEqual(self._refusal(mine.with_context(**{MODULE_UNINSTALL_FLAG: True})), plain)
        for model in (
            'fulfilment.contract', 'fulfilment.contract.line', 'fulfilment.contract.clause', 'fulfilment.milestone', 'fulfilment.amendment',
            'fulfilment.amendment.line', 'fulfilment.scorecard.band', 'fulfilment.scorecard.criterion', 'fulfilment.ticket',
            'fulfilment.clause',
        ):
            self.assertIn(model, tried)

    def _refusal(self, records):
        """How a deletion is refused, or None when it is not; it is undone either way."""
        try:
            with self.env.cr.savepoint() as savepoint:
                records.unlink()
                savepoint.rollback()
        except (UserError, AccessError) as error:
            return str(error)
        return None

    def test_the_signed_document(self):
        contract = self._make_contract('active')
        contract.sudo().signed_document = 'eA=='
        attachment = self.env['ir.attachment'].sudo().search([
            ('res_model', '=', 'fulfilment.contract'), ('res_id', '=', contract.id), ('res_field', '=', 'signed_document'),
        ])
        with self.assertRaises(AccessError):
            attachment.with_user(self.user_sales).with_context(**{MODULE_UNINSTALL_FLAG: True}).unlink()


@tagged('post_install', '-at_install')
class TestDeletionOfOrders(GateCommon):

    def test_held_orders_stay(self):
        self._limit(self.customer, 10)
        order = self._quote(1000)
        order.action_confirm()
        self.assertHeld(order)
        order.action_cancel()
        order.with_user(self.manager).action_cancel()
        with self.assertRaisesRegex(UserError, 'stays on record'):
            order.with_user(self.manager).with_context(**{MODULE_UNINSTALL_FLAG: True}).unlink()
