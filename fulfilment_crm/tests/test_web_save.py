"""Forms are saved with every field they show: what nobody has changed is refused to nobody."""
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import FulfilmentCommon
from .common_gate import GateCommon
from .common_web import form_fields, sent_values


@tagged('post_install', '-at_install')
class TestWebSave(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = (
            cls.user_manager, cls.user_sales, cls.user_credit, cls.user_legal, cls.user_service, cls.user_leader,
        )
        # Configuration for all companies is changed by whoever works in all of them.
        cls.user_manager.company_ids = cls.env['res.company'].search([])

    def _records(self):
        records = {}
        for state in ('draft', 'active'):
            contract, parts = self._make_contract_with_parts(state)
            for model, some in {'fulfilment.contract': contract, **parts}.items():
                records.setdefault(model, []).append(some[:1])
        for model, record in self._make_customer_records(self.user_sales, self.company_a).items():
            records.setdefault(model, []).append(record)
        for model in self.env.registry:
            ours = model.startswith('fulfilment.') and self.env[model]._auto and not self.env[model]._transient
            if ours and model not in records and (record := self.env[model].search([], limit=1)):
                records[model] = [record]
        return records

    def test_saving_what_is_there_already(self):
        tried = set()
        for model, some in self._records().items():
            for record in some:
                for user in self.users:
                    mine = record.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
                    if not mine.has_access('write'):
                        continue
                    spec = form_fields(mine.env, model)
                    vals = sent_values(mine, mine.web_read(spec)[0], spec)
                    with self.subTest(model=model, user=user.login, state=getattr(record, 'state', '')):
                        mine.web_save(vals, spec)
                    tried.add(model)
                    break
        for model in ('fulfilment.contract', 'fulfilment.milestone', 'fulfilment.ticket', 'fulfilment.scorecard', 'fulfilment.credit.line'):
            self.assertIn(model, tried)

    def test_a_new_one_as_the_form_proposes_it(self):
        """Every form of ours opens as a new one, and what it proposes is refused to nobody for being guarded."""
        for model in sorted(self._records()):
            Model = self.env[model].with_user(self.user_manager).with_context(allowed_company_ids=self.company_a.ids)
            if not Model.has_access('create'):
                continue
            spec = form_fields(Model.env, model)
            vals = sent_values(Model, Model.onchange({}, [], spec)['value'], spec)
            vals = {name: value for name, value in vals.items() if not Model._fields[name].readonly}
            with self.subTest(model=model):
                try:
                    with self.env.cr.savepoint(), mute_logger('odoo.sql_db'):
                        Model.create(vals)
                except AccessError as error:
                    self.fail(f'{model}: {error}')
                except Exception as error:  # what is missing has to be filled in by somebody; only refusals matter here
                    self.assertNotIn('is set by its buttons', str(error))

    def test_a_guarded_field_is_compared_by_value(self):
        contract, parts = self._make_contract_with_parts('active')
        contract = contract.with_user(self.user_sales)
        contract.write({
            'state': 'active', 'date_signed': str(contract.date_signed), 'approval_ids': [(4, one.id) for one in contract.approval_ids],
            'title': contract.title, 'clause_ids': [], 'partner_id': contract.partner_id.id, 'amount_total': contract.amount_total,
        })
        for vals in ({'state': 'closed'}, {'date_signed': False}, {'state': 'draft', 'title': contract.title}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                contract.write(vals)


@tagged('post_install', '-at_install')
class TestOrdersTyped(GateCommon):
    """Orders as they are typed in Sales while the order gate is on."""

    def _typed_line(self, order, **vals):
        """A new order line with everything the web client sends with it."""
        spec = form_fields(order.env, 'sale.order')['order_line']['fields']
        Line = order.env['sale.order.line']
        values = Line.onchange({'product_id': self.product.id, 'order_id': order.id, **vals}, ['product_id'], spec)['value']
        sent = {name: value for name, value in sent_values(Line, values, spec).items() if not Line._fields[name].readonly}
        # In developer mode the client sends its empty list of invoice lines with every new line, and its memory of the view outlives that.
        return {**sent, 'invoice_lines': [], 'product_id': self.product.id, **vals}

    def test_a_line_as_the_web_client_sends_it(self):
        order = self._quote(100)
        spec = form_fields(order.env, 'sale.order')
        line = self._typed_line(order, product_uom_qty=2)
        order.web_save({'order_line': [(0, 'virtual_1', line)]}, spec)
        self.assertEqual(len(order.order_line), 2)
        new = order.env['sale.order'].create({
            'partner_id': self.customer.id, 'order_line': [(0, 0, {**line, 'order_id': False})],
        })
        self.assertEqual(new.order_line.product_uom_qty, 2)

    def test_the_form_from_empty_to_confirmed(self):
        self._limit(self.customer, 5000)
        with Form(self.env['sale.order'].with_user(self.sales)) as form:
            form.partner_id = self.customer
            with form.order_line.new() as line:
                line.product_id = self.product
                line.product_uom_qty = 2
                line.price_unit = 1000
        order = form.record
        order.action_confirm()
        self.assertPassed(order)
        with Form(order) as form, form.order_line.edit(0) as line:
            line.product_uom_qty = 1
        self.assertEqual(order.amount_untaxed, 1000)

    def test_unchanged_totals_may_be_sent_with_a_line(self):
        order = self._quote(100)
        line = order.order_line
        line.write({'invoice_lines': [], 'price_total': line.price_total, 'qty_invoiced': 0, 'name': 'Pump, blue'})
        self.assertEqual(line.name, 'Pump, blue')
        order.write({'amount_total': order.amount_total, 'order_line': [(1, line.id, {'price_subtotal': line.price_subtotal})]})
        for vals in ({'price_total': 1.0}, {'qty_invoiced': 1}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                line.write(vals)
        with self.assertRaises(AccessError):
            order.write({'order_line': [(0, 0, {'product_id': self.product.id, 'price_total': 1.0})]})
        with self.assertRaises(AccessError):
            order.write({'amount_total': 1.0})
