import base64
import io

from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from odoo import fields

from ..tools.as_of import AsOf

# Who takes a step of approval, in the order of the chains.
APPROVERS = ('leader', 'legal', 'finance', 'director')
GRADERS = ('sales', 'wei', 'leader', 'finance', 'director')
FONT = 'STSong-Light'  # known to every PDF reader, Latin and Chinese


class Steps:
    """What people did in the demo company, each a verb with the day it was done on. Days are counted from the installation."""

    def __init__(self, env):
        self.env = env

    # === WHO AND WHEN === #

    def _demo(self, name):
        """Return a record of the demo data by its XML id."""
        return self.env.ref(f'fulfilment_crm.{name}')

    def _day(self, offset):
        """Return the date ``offset`` days from today, in the company's time zone."""
        company = self.env.company
        return fields.Date.add(company._fulfilment_today()[company], days=offset)

    def _on(self, records, offset, user=None):
        """Return the same records as somebody saw them on a day.

        :param str user: whose eyes, the part of the XML id after ``user_``; the superuser's when missing
        """
        day = fields.Date.to_string(self._day(offset))
        records = records.with_context(as_of=AsOf(self._day(offset)), ir_sequence_date=day)
        return records.with_user(self._demo(f'user_{user}')) if user else records

    def _backdate(self, record, offset):
        """Date what was just written in the chatter, and the steps of approval, as of a day."""
        self.env.cr.flush()  # field changes reach the chatter before a commit only
        moment = fields.Datetime.add(fields.Datetime.to_datetime(self._day(offset)), hours=9)
        record = record.sudo()
        today = fields.Datetime.to_datetime(self._day(-1))
        record.message_ids.filtered(lambda message: message.date > today).date = moment
        for approval in record.approval_ids if 'approval_ids' in record._fields else ():
            if approval.asked_on and approval.asked_on > today:
                deadline = approval.company_id._fulfilment_escalation_deadline(moment)
                approval.write({'asked_on': moment, 'deadline': deadline})
                if deadline and approval.state == 'pending':
                    record.activity_ids.date_deadline = deadline.date()
            if approval.decided_on and approval.decided_on > today:
                approval.decided_on = moment
        if 'fulfilment_credit_decision_ids' in record._fields:
            record.fulfilment_credit_decision_ids.filtered(lambda decision: decision.date > today).date = moment

    # === SELLING === #

    def _sell(self, customer, title, lines, offset, user='sales', **values):
        """Make a confirmed order, or one that was held on the way.

        :param str customer: XML id after ``partner_``
        :param list lines: ``(product, quantity, unit price)``
        """
        order = self._offer(customer, title, lines, offset, user, **values)
        self._on(order, offset, user).action_confirm()
        order.date_order = fields.Datetime.to_datetime(self._day(offset))
        self._backdate(order, offset)
        return order

    def _offer(self, customer, title, lines, offset, user='sales', term=None, **values):
        """Make a quotation."""
        order = self._on(self.env['sale.order'], offset, user).create({
            'partner_id': self._demo(f'partner_{customer}').id, 'user_id': self._demo(f'user_{user}').id, 'client_order_ref': title,
            'payment_term_id': self._demo(f'payment_term_{term}').id if term else False,
            'order_line': [fields.Command.create({
                'product_id': self._demo(f'product_{product}').product_variant_id.id, 'product_uom_qty': quantity, 'price_unit': price,
            }) for product, quantity, price in lines],
            **values,
        })
        return order.sudo()

    def _draft(self, order, offset, user='sales', place=None):
        """Draft the contract from an order, with the blanks of its clauses filled in."""
        contract = self._on(order, offset, user)._create_fulfilment_contracts()
        address = ', '.join(filter(None, [contract.partner_id.street, contract.partner_id.city]))
        contract.clause_ids.parameter_ids.filtered(lambda one: one.key == 'delivery_place').value_text = place or address
        self._backdate(contract, offset)
        return contract.sudo()

    def _draft_by_hand(self, customer, title, template, amount, start, end, offset, user='sales', **values):
        """Draft a contract without an order behind it.

        :param str template: XML id after ``contract_template_``
        :param int start: day it starts, as an offset
        :param int end: day it ends, as an offset
        """
        template = self._demo(f'contract_template_{template}')
        contract = self._on(self.env['fulfilment.contract'], offset, user).create({
            'title': title, 'partner_id': self._demo(f'partner_{customer}').id, 'type_id': template.type_id.id, 'template_id': template.id,
            'amount_untaxed': amount, 'amount_total': amount, 'date_start': self._day(start), 'date_end': self._day(end), **values,
        })
        self._backdate(contract, offset)
        return contract.sudo()

    def _item(self, product, text, quantity, price):
        """Return a line of a contract drafted by hand, as a command."""
        return fields.Command.create({
            'product_id': self._demo(f'product_{product}').product_variant_id.id, 'name': text, 'quantity': quantity, 'price_unit': price,
        })

    # === AGREEING === #

    def _submit(self, record, offset, user='sales'):
        self._on(record, offset, user).action_submit()
        self._backdate(record, offset)

    def _approve(self, record, offset, steps=None):
        """Take the steps of approval that are due, a number of them or all."""
        taken = 0
        while record._pending_approval() and taken != steps:
            asked = record._pending_approval().candidate_ids
            user = next(name for name in APPROVERS if self._demo(f'user_{name}') in asked)
            self._on(record, offset, user).action_approve()
            self._backdate(record, offset)
            record.invalidate_recordset()
            taken += 1

    def _sign(self, contract, offset, person, user='sales'):
        """Record the signed paper that comes back."""
        scan = base64.b64encode(self._paper(contract, f'Signed: {person}'))
        self._on(contract, offset, user).action_sign(
            signed_by=person, document=scan, document_name=f'{self._file(contract)}.pdf', date=self._day(offset),
        )
        self._date_signature(contract, offset)

    def _sign_on_portal(self, contract, offset, person, user='customer'):
        """Let the customer draw a signature on the portal."""
        self._on(contract, offset, user).sudo()._sign(
            person, signature=self._scribble(), ip='203.0.113.24', document=self._paper(contract, f'Signed: {person}'),
            document_name=f'{self._file(contract)}.pdf',
        )
        self._date_signature(contract, offset)

    def _date_signature(self, contract, offset):
        contract.signed_on = fields.Datetime.add(fields.Datetime.to_datetime(self._day(offset)), hours=9)
        self._backdate(contract, offset)

    def _agree(self, order, offset, person, user='sales', portal=False):
        """From an order to a contract in force, all on one day."""
        contract = self._draft(order, offset, user)
        self._submit(contract, offset, user)
        self._approve(contract, offset)
        if portal:
            self._sign_on_portal(contract, offset, person)
        else:
            self._sign(contract, offset, person, user)
        return contract

    def _amend(self, contract, reason, offset, effective, lines, user='sales'):
        """Make an amendment and submit it.

        :param int effective: day it takes effect, as an offset
        :param list lines: values of its lines
        """
        amendment = self._on(self.env['fulfilment.amendment'], offset, user).create({
            'contract_id': contract.id, 'reason': reason, 'date_effective': self._day(effective),
            'line_ids': [fields.Command.create(line) for line in lines],
        }).sudo()
        self._submit(amendment, offset, user)
        return amendment

    # === FULFILLING === #

    def _deliver(self, contract, offset, user='sales'):
        """Everything ordered is delivered, with a delivery note."""
        for line in contract.line_ids.sale_line_id:
            line.qty_delivered = line.product_uom_qty
        delivery = contract.milestone_ids.filtered(lambda one: one.kind == 'delivery')
        self._prove(delivery, 'Delivery note')
        self._on(contract, offset)._sync_facts()
        documents = contract.milestone_ids.filtered(lambda one: one.kind == 'document' and one.predecessor_id in delivery)
        self._do(documents, offset, user)

    def _do(self, milestones, offset, user='sales'):
        """Report milestones as done, with what proves it."""
        self._prove(milestones, 'Receipt')
        self._on(milestones, offset, user).action_done()

    def _prove(self, milestones, title):
        for milestone in milestones:
            contract = milestone.contract_id
            milestone.evidence_ids = [fields.Command.create({
                'name': f'{title} {self._file(contract)}.pdf', 'raw': self._paper(contract, f'{title}: {milestone.name}'),
                'res_model': 'fulfilment.milestone', 'res_id': milestone.id,
            })]

    def _accept(self, contract, offset, person, place, method='Trial run', user='sales'):
        """Let the customer accept what was delivered."""
        milestones = contract.milestone_ids.filtered(lambda one: one.kind == 'acceptance')
        self._on(milestones, offset, user).action_accept(person=person, place=place, method=method)
        self._backdate(contract, offset)

    def _refuse(self, contract, offset, person, reason, user='sales'):
        """Let the customer refuse what was delivered."""
        milestones = contract.milestone_ids.filtered(lambda one: one.kind == 'acceptance')
        self._on(milestones, offset, user).action_refuse(reason=reason, person=person)
        self._backdate(contract, offset)

    # === MONEY === #

    def _invoice(self, contract, offset):
        """Invoice what is left of the orders of a contract, payable in 30 days."""
        moves = contract.sale_order_ids._create_invoices(final=True, date=self._day(offset))
        moves.write({'invoice_date': self._day(offset), 'invoice_payment_term_id': self._demo('payment_term_30_days').id})
        return self._post(contract, moves, offset)

    def _invoice_down_payment(self, contract, offset, percent):
        """Invoice a down payment on the orders of a contract, payable at once."""
        orders = contract.sale_order_ids
        self.env['sale.advance.payment.inv'].with_context(active_model='sale.order', active_ids=orders.ids).create({
            'advance_payment_method': 'percentage', 'amount': percent,
        }).create_invoices()
        moves = orders.invoice_ids.filtered(lambda move: move.state == 'draft')
        moves.write({'invoice_date': self._day(offset), 'invoice_payment_term_id': False, 'invoice_date_due': self._day(offset)})
        return self._post(contract, moves, offset)

    def _invoice_by_hand(self, contract, text, amount, offset, due):
        """Post an invoice that bills no order, linked to the contract."""
        moves = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': contract.partner_id.id, 'currency_id': contract.currency_id.id,
            'invoice_date': self._day(offset), 'invoice_date_due': self._day(due), 'fulfilment_contract_id': contract.id,
            'invoice_user_id': contract.user_id.id, 'invoice_line_ids': [fields.Command.create({
                'name': text, 'quantity': 1, 'price_unit': amount, 'tax_ids': [fields.Command.clear()],
            })],
        })
        return self._post(contract, moves, offset)

    def _post(self, contract, moves, offset):
        moves.action_post()
        self._on(contract, offset)._sync_facts()
        for move in moves:
            self._backdate(move, offset)
        return moves

    def _pay(self, contract, moves, offset, share=1.0):
        """Pay a share of invoices by bank transfer."""
        for move in moves:
            self.env['account.payment.register'].with_context(active_model='account.move', active_ids=move.ids).create({
                'payment_date': self._day(offset), 'amount': move.currency_id.round(move.amount_residual * share),
            })._create_payments()
            self._on(contract, offset)._sync_facts()
            self._backdate(move, offset)

    # === THE YEARS BEFORE === #

    def _trade(self, history):
        """Orders of the past, delivered and invoiced two weeks later, payable in 30 days and paid; all in one go.

        :param list history: ``(customer, days ago, days late or None for unpaid, [(product, quantity)])``; early is negative
        """
        orders = self.env['sale.order'].create([self._order_vals(customer, ago, lines) for customer, ago, _late, lines in history])
        orders.action_confirm()
        self._date_orders(orders, history)
        moves = orders._create_invoices(grouped=True, final=True)
        of_order = {move.line_ids.sale_line_ids.order_id: move for move in moves}
        late = {}
        for order, (_customer, ago, days, _lines) in zip(orders, history, strict=True):
            move = of_order[order]
            move.write({'invoice_date': self._day(14 - ago), 'invoice_payment_term_id': False, 'invoice_date_due': self._day(44 - ago)})
            if days is not None:
                late[move] = 44 - ago + days
        moves.action_post()
        self._settle(late)

    def _lose(self, quotations):
        """Quotations that led to nothing.

        :param list quotations: ``(customer, days ago, state, [(product, quantity)])``
        """
        orders = self.env['sale.order'].create([self._order_vals(customer, ago, lines) for customer, ago, _state, lines in quotations])
        for order, (_customer, _ago, state, _lines) in zip(orders, quotations, strict=True):
            order.state = state
        self._date_orders(orders, quotations)

    def _order_vals(self, customer, ago, lines):
        partner = self._demo(f'partner_{customer}')
        abroad = {'pricelist_id': self._demo('pricelist_cny').id} if customer == 'yuanhang' else {}
        rate = 7.2 if abroad else 1.0
        return {
            'partner_id': partner.id, 'user_id': partner.user_id.id, 'payment_term_id': False, **abroad,
            'order_line': [fields.Command.create({
                'product_id': product.product_variant_id.id, 'product_uom_qty': quantity, 'price_unit': product.list_price * rate,
            }) for product, quantity in ((self._demo(f'product_{name}'), quantity) for name, quantity in lines)],
        }

    def _date_orders(self, orders, rows):
        for order, row in zip(orders, rows, strict=True):
            order.date_order = fields.Datetime.add(fields.Datetime.to_datetime(self._day(-row[1])), hours=10)

    def _settle(self, paid_on):
        """Invoices are paid in full by bank transfer, each on its day: ``{move: offset}``."""
        bank = self.env['account.journal'].search([('type', '=', 'bank'), ('company_id', '=', self.env.company.id)], limit=1)
        method = bank.inbound_payment_method_line_ids[:1]
        payments = self.env['account.payment'].create([{
            'payment_type': 'inbound', 'partner_type': 'customer', 'partner_id': move.partner_id.id, 'amount': move.amount_total,
            'currency_id': move.currency_id.id, 'date': self._day(offset), 'journal_id': bank.id, 'payment_method_line_id': method.id,
            'memo': move.name,
        } for move, offset in paid_on.items()])
        payments.action_post()
        self.env['account.move.line']._reconcile_plan([
            (move | payment.move_id).line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
            for move, payment in zip(paid_on, payments, strict=True)
        ])

    # === CREDIT === #

    def _rate(self, customer, source, rating, score, offset, user='finance'):
        """Record an external rating that comes in."""
        rating = self._on(self.env['fulfilment.external.score'], offset, user).create({
            'partner_id': self._demo(f'partner_{customer}').id, 'source': source, 'rating': rating, 'score': score,
            'date': self._day(offset),
        })
        self._backdate(rating, offset)

    def _state(self, customer, years_ago, user='finance', **amounts):
        """Record a financial statement as of the end of a calendar year."""
        today = self._day(0)
        self._on(self.env['fulfilment.financial.statement'], 0, user).create({
            'partner_id': self._demo(f'partner_{customer}').id,
            'date': today.replace(month=12, day=31, year=today.year - years_ago),
            **amounts,
        })

    def _assess(self, customers, offset, occasion='quarter', note=None):
        """Judge customers on a day, on the figures of that day.

        :return: the changes of grade, in approval
        """
        partners = self.env['res.partner'].concat(*(self._demo(f'partner_{customer}') for customer in customers))
        made = self._on(self.env['fulfilment.credit.assessment'], offset)._assess(
            partners, as_of=self._day(offset), companies=self.env.company, occasion=occasion, note=note,
        ).sudo()
        for assessment in made:
            self._backdate(assessment, offset)
        return made.filtered(lambda one: one.state == 'in_approval')

    def _agree_on_grades(self, assessments, offset, until='director'):
        """Take the steps of approval of changed grades, one a day from a day on.

        :param str until: who takes the last of them, see ``GRADERS``
        """
        for position, user in enumerate(GRADERS[:GRADERS.index(until) + 1]):
            asked = assessments.filtered(lambda one, user=user: self._demo(f'user_{user}') in one._pending_approval().candidate_ids)
            day = min(offset + position, 0)
            self._on(asked, day, user).action_approve()
            assessments.invalidate_recordset()
            for assessment in asked:
                self._backdate(assessment, day)

    def _sign_order_on_portal(self, order, offset, person, user='customer'):
        """Let the customer sign a quotation on the portal, which would confirm it."""
        order = self._on(order, offset, user).sudo()
        order.write({'signed_by': person, 'signed_on': fields.Datetime.to_datetime(self._day(offset)), 'signature': self._scribble()})
        order._validate_order()
        note = f'Order signed by {person}'
        order.message_post(body=note, message_type='comment', subtype_xmlid='mail.mt_comment')
        self._backdate(order, offset)

    def _release(self, order, offset, reason, valid=None, user='finance'):
        """Release an order that was held, and confirm it."""
        self._on(order, offset, user).action_fulfilment_release(reason=reason, valid_until=self._day(valid) if valid else None)
        self._backdate(order, offset)

    # === PAPER === #

    def _file(self, contract):
        return contract.name.replace('/', '-')

    def _paper(self, contract, text):
        """Draw a page as a scanner would bring it in: PDF with the number, the parties and one sentence."""
        return self._page(
            f'{contract.name}  {contract.title or ""}', f'{contract.company_id.name} / {contract.partner_id.display_name}', '', text,
        )

    def _page(self, title, *lines):
        """Draw a page of PDF with a title and some lines."""
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        content = io.BytesIO()
        page = canvas.Canvas(content, pagesize=A4)
        page.setFont(FONT, 16)
        page.drawString(72, 760, title)
        page.setFont(FONT, 11)
        for number, line in enumerate(lines):
            page.drawString(72, 730 - 20 * number, line)
        page.save()
        return content.getvalue()

    def _scribble(self):
        """Return a signature as drawn on a screen, base64."""
        picture = Image.new('RGBA', (360, 120), (255, 255, 255, 0))
        points = [(20, 80), (45, 25), (60, 90), (85, 40), (105, 85), (130, 55), (150, 82), (180, 30), (200, 90), (240, 60), (340, 70)]
        ImageDraw.Draw(picture).line(points, fill=(20, 30, 90, 255), width=4, joint='curve')
        content = io.BytesIO()
        picture.save(content, 'PNG')
        return base64.b64encode(content.getvalue())
