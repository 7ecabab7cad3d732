from datetime import timedelta

from odoo import fields

from .steps import Steps


class Owed(Steps):
    """What is owed to the demo company: a promise kept, one broken, a dispute decided, one open, a statement confirmed."""

    def _tell_collection(self):
        self._riverside_breaks_a_promise()
        self._riverside_disputes()
        self._ashford_keeps_a_promise()
        self._harbour_confirms_its_balance()
        self._northgate_is_sent_a_statement()
        self._finance_wonders_whether_to_call_first()

    def _owed_by(self, customer):
        """Return what a customer owes, what is due first first."""
        partner = self._demo(f'partner_{customer}')
        lines = self.env['fulfilment.payment.promise']._open_lines(partner, self.env.company)
        return lines.sorted(lambda line: (line.date_maturity, line.id))

    def _promise(self, customer, amount, made, due, note, lines=None, user='finance'):
        promise = self._on(self.env['fulfilment.payment.promise'], made, user).create({
            'partner_id': self._demo(f'partner_{customer}').id, 'company_id': self.env.company.id,
            'currency_id': self.env.company.currency_id.id, 'amount': amount, 'date_promised': self._day(due), 'note': note,
            'move_line_ids': [fields.Command.set(lines.ids)] if lines else False,
        }).sudo(False).with_env(self.env)
        promise.sudo().made_at = fields.Datetime.to_datetime(self._day(made))
        return promise

    def _riverside_breaks_a_promise(self):
        first = self._owed_by('riverside')[:1]
        promise = self._promise(
            'riverside', first.amount_residual_currency, -20, -11, "Robert Quinn: the bank has to agree first.", first,
        )
        promise._follow_ledger()

    def _riverside_disputes(self):
        lines = self._owed_by('riverside').filtered(lambda line: line.move_id.move_type == 'out_invoice')
        disputes = self._on(self.env['fulfilment.dispute'], -16, 'finance')
        if lines[1:]:
            decided = disputes.create({
                'move_id': lines[1].move_id.id, 'reason_id': self._demo('dispute_reason_freight').id,
                'amount': round(lines[1].amount_residual_currency * 0.05, 2), 'description': "Freight was to be included.",
            })
            self._on(decided, -12, 'finance').action_accept(
                round(decided.amount / 2, 2), grounds="The offer says free carrier: half of it is our mistake.",
            )
        disputes.create({
            'move_id': lines[0].move_id.id, 'reason_id': self._demo('dispute_reason_quality').id,
            'amount': round(lines[0].amount_residual_currency * 0.2, 2), 'description': "Two pumps leak at the flange.",
            'date_answer_due': self._day(-2),
        })

    def _ashford_keeps_a_promise(self):
        line = self._owed_by('ashford').filtered(lambda one: one.date_maturity < self._day(0))[:1]
        amount = line.currency_id.round(line.amount_residual_currency / 2)
        promise = self._promise('ashford', amount, -9, -5, "The council pays on Thursdays.", line)
        self.env['account.payment.register'].with_context(active_model='account.move', active_ids=line.move_id.ids).create({
            'payment_date': self._day(-6), 'amount': amount,
        })._create_payments()
        promise._follow_ledger()

    def _harbour_confirms_its_balance(self):
        statement = self._statement('harbour', -3)
        statement.sudo()._answer(True, 'Grace Hall', 'login customer')
        statement.sudo().answered_on = fields.Datetime.to_datetime(self._day(-2)) + timedelta(hours=15)

    def _northgate_is_sent_a_statement(self):
        self._statement('northgate', -3)

    def _statement(self, customer, sent):
        first = self._day(sent).replace(day=1)
        statement = self._on(self.env['fulfilment.statement'], sent, 'finance').create({
            'partner_id': self._demo(f'partner_{customer}').id, 'company_id': self.env.company.id, 'as_of': first - timedelta(days=1),
        }).sudo().with_env(self.env)
        statement.sudo()._freeze()
        statement.sudo()._keep_document(self._page(statement.display_name, f'{statement.currency_id.format(statement.amount)}'))
        statement.sudo().sent_on = fields.Datetime.to_datetime(self._day(sent)) + timedelta(hours=9)
        return statement

    def _finance_wonders_whether_to_call_first(self):
        shipped = self.env['fulfilment.collection.strategy'].search([], limit=1)
        calls = self.env['fulfilment.collection.strategy'].create({
            'name': "Calls first", 'company_id': self.env.company.id, 'active': False, 'step_ids': [
                fields.Command.create({'name': "Friendly call", 'offset_days': 3, 'channel': 'call'}),
                fields.Command.create({'name': "Call about consequences", 'offset_days': 20, 'channel': 'call'}),
            ],
        })
        self.env['fulfilment.collection.comparison'].create({
            'name': "Calls before letters?", 'company_id': self.env.company.id, 'strategy_id': shipped.id, 'rival_id': calls.id,
        })
