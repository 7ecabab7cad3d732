from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ...tools import markup
from ...tools.address import one_line
from ...tools.months import last_day
from .contract_clause import DRAFTING
from .terms import TERMS, values_said

PLACE = 'delivery_place'  # the parameter of clauses that names where things are delivered


class FulfilmentContract(models.Model):
    """Drafting: from orders, from a template, by hand."""
    _inherit = 'fulfilment.contract'

    # === WORDING === #

    def _placeholder_values(self):
        """Return what the contract's own placeholders read, in the language of the contract: ``{key: text}``."""
        self.ensure_one()
        lang = self.lang or self.env.lang
        env = self.with_context(lang=lang).env
        # safe: parties and bank account are printed on the contract itself
        company, customer = self.company_id.sudo(), self.partner_id.sudo()
        return {
            'our_company': company.name,
            'customer': customer.commercial_partner_id.name or customer.name,
            'amount': formatLang(env, self.amount_total, digits=self.currency_id.decimal_places),
            'amount_in_words': self.amount_in_words or '',
            'currency': self.currency_id.name or '',
            'contract_number': self.name if self.name != '/' else '',
            'date_start': format_date(env, self.date_start, lang_code=lang) if self.date_start else '',
            'date_end': format_date(env, self.date_end, lang_code=lang) if self.date_end else '',
            'bank_account': company._fulfilment_bank_account(),
        }

    # === FROM A TEMPLATE === #

    def _apply_template_defaults(self, planned):
        """Give new contracts the clauses and milestones of their template where they came without any, then what their clauses ask for.

        :param planned: those of the contracts that came with milestones of their own
        """
        drafts = self.filtered(lambda contract: contract.state == 'draft')
        fresh = drafts.filtered('template_id')
        fresh.filtered(lambda contract: not contract.clause_ids)._add_template_clauses()
        drafts._fill_terms_of_order()
        drafts._fill_place_of_delivery()
        (fresh - planned)._add_template_milestones()
        drafts._link_terms()
        (drafts - planned)._make_term_milestones()

    def _fill_place_of_delivery(self):
        """Write where the orders, else the customers, have things delivered into clauses that ask for it."""
        gaps = self.clause_ids.parameter_ids.filtered(lambda one: one.key == PLACE and one.role == 'text' and not one.value_text)
        by_address = {}
        for parameter in gaps:
            contract = parameter.contract_id
            # safe: the address is printed on the contract, whose parties its author may read
            customer = contract.partner_id.sudo()
            orders = contract.line_ids.sale_line_id.order_id.sudo()  # safe: as above
            place = orders.partner_shipping_id[:1] or customer.browse(customer.address_get(['delivery'])['delivery'])
            if place.street or place.city:
                by_address.setdefault(one_line(place._display_address(without_company=True)), []).append(parameter.id)
        parameters = gaps.with_context(fulfilment_clauses=DRAFTING)
        for address, ids in by_address.items():
            parameters.browse(ids).value_text = address

    def action_load_template(self):
        """Add what the template has and the drafts lack. What is there already, stays as it is."""
        self.check_access('write')
        self._check_draft(self.env._("the contract"))
        bare = self.filtered(lambda contract: contract.template_id and not contract.milestone_ids)
        self.filtered('template_id')._add_template_clauses()
        bare._add_template_milestones()
        self._link_terms()
        self._make_term_milestones()
        return True

    def _add_template_clauses(self):
        ContractClause = self.env['fulfilment.contract.clause']
        library, vals_list = {}, []
        for contract in self:
            key = (contract.template_id, contract.lang)
            if key not in library:
                lines = contract.template_id.with_context(lang=contract.lang or self.env.lang).clause_line_ids
                library[key] = [dict(ContractClause._prepare_from_library_vals(line.clause_id), sequence=line.sequence) for line in lines]
            present = set(contract.clause_ids.clause_id.ids)
            vals_list += [dict(vals, contract_id=contract.id) for vals in library[key] if vals['clause_id'] not in present]
        return ContractClause.with_context(fulfilment_clauses=DRAFTING).create(vals_list)

    def _add_template_milestones(self):
        """Create the milestones of the templates, and one payment for each instalment of the payment terms.

        Milestones that wait for others are created after them, level by level, for all contracts together.
        """
        made = {}  # (contract, template line): milestone
        plans = {contract: contract._plan_milestones() for contract in self}
        level = [(contract, plan) for contract, rows in plans.items() for plan in rows if not plan['after']]
        while level:
            milestones = self.env['fulfilment.milestone']._create_quietly([
                dict(plan['vals'], contract_id=contract.id, predecessor_id=made[contract, plan['after']].id if plan['after'] else False)
                for contract, plan in level
            ])
            for (contract, plan), milestone in zip(level, milestones, strict=True):
                made[contract, plan['key']] = milestone
            level = [
                (contract, plan) for contract, rows in plans.items() for plan in rows
                if (contract, plan['key']) not in made and (contract, plan['after']) in made
            ]

    def _plan_milestones(self):
        """Plan the milestones to create for a contract: ``[{'key', 'after', 'vals'}]``, ``after`` being the key waited for."""
        self.ensure_one()
        template = self.template_id.with_context(lang=self.lang or self.env.lang)
        instalments = self._instalments_of_term()
        rows = []
        for line in template.milestone_line_ids:
            if line.is_fallback_payment and instalments:
                continue
            vals = {
                'name': line.name, 'sequence': line.sequence, 'kind': line.kind, 'obligor': line.obligor, 'user_id': self.user_id.id,
                'anchor': line.anchor, 'offset_days': line.offset_days, 'evidence': line.evidence, 'percent': line.percent,
                'clause_role': line.role, 'is_down_payment': line.kind == 'payment' and line.role in ('advance_percent', 'deposit_percent'),
            }
            rows.append({'key': line, 'after': line.predecessor_id if line.anchor == 'predecessor' else False, 'vals': vals})
        present = {row['key'] for row in rows}
        for row in rows:
            if row['after'] and row['after'] not in present:
                row['after'] = False
                row['vals']['anchor'] = 'signature'
        self._plan_first_delivery(rows)
        self._plan_terms(rows)
        awaited = next((row['key'] for kind in ('acceptance', 'delivery') for row in rows if row['vals']['kind'] == kind), False)
        for number, instalment in enumerate(instalments, 1):
            advance = instalment['delay_type'] == 'days_after' and instalment['offset_days'] <= 0 and len(instalments) > 1
            rows.append({
                'key': f'instalment {number}', 'after': False if advance else awaited,
                'vals': {
                    'name': self.with_context(lang=self.lang).env._(
                        "Payment %(number)s of %(total)s", number=number, total=len(instalments)
                    ),
                    'sequence': 100 + number, 'kind': 'payment', 'obligor': 'customer', 'user_id': self.user_id.id,
                    'anchor': 'predecessor' if awaited and not advance else 'signature', 'is_down_payment': advance,
                    'clause_role': ('advance_percent' if advance else 'payment_days') if number in (1, len(instalments)) else False,
                    **instalment,
                },
            })
        self._plan_terms(rows[-len(instalments):] if instalments else [])
        return rows

    def _plan_terms(self, rows):
        """Give milestones to be made what the clauses say of them, which counts before what the template says."""
        terms = self._terms()
        for vals in (row['vals'] for row in rows):
            parameter = terms.get(vals['clause_role']) if vals['clause_role'] in TERMS else None
            if parameter:
                vals['clause_id'] = parameter.contract_clause_id.id
                vals.update(values_said(
                    parameter, terms, vals['clause_role'], vals['anchor'], vals.get('delay_type', 'days_after'), vals.get('percent'),
                ))

    def _plan_first_delivery(self, rows):
        """Tie the first delivery to the order lines, and to the order's promised date where it has one."""
        delivery = next((row for row in rows if row['vals']['kind'] == 'delivery'), None)
        lines = self.line_ids.sale_line_id
        if not delivery or not lines:
            return
        delivery['vals']['sale_line_ids'] = [fields.Command.set(lines.ids)]
        promised = max(filter(None, lines.order_id.mapped('commitment_date')), default=None)
        if promised:
            delivery['after'] = False
            delivery['vals'].update(anchor='fixed', date_planned=self.company_id._fulfilment_today(promised)[self.company_id])

    def _instalments_of_term(self):
        """Work out what each instalment of the payment term comes to and how its date is counted: values of a milestone.

        Odoo divides the amount. What a term gives back in one of its parts, is taken off the next.
        """
        self.ensure_one()
        term = self.payment_term_id
        if not term or self.amount_total <= 0:
            return []
        tax = self.amount_total - self.amount_untaxed
        parts = term._compute_terms(
            date_ref=self.date_start, currency=self.currency_id, company=self.company_id, sign=1,
            tax_amount=tax, tax_amount_currency=tax, untaxed_amount=self.amount_untaxed, untaxed_amount_currency=self.amount_untaxed,
        )['line_ids']
        instalments, carried = [], 0.0
        for line, part in zip(term.line_ids, parts, strict=True):
            amount = self.currency_id.round(part['foreign_amount'] + carried)
            if amount <= 0:
                carried = amount
                continue
            carried = 0.0
            instalments.append({
                'amount': amount, 'percent': line.value_amount if line.value == 'percent' else 0.0, 'offset_days': max(line.nb_days, 0),
                'delay_type': line.delay_type, 'days_next_month': line.days_next_month,
            })
        if carried and instalments:
            instalments[-1]['amount'] = self.currency_id.round(instalments[-1]['amount'] + carried)
        if abs(sum(one['percent'] for one in instalments) - 100) > 1e-6:
            instalments = [{**one, 'percent': 0.0} for one in instalments]  # some part is a fixed sum: shares would not add up
        return instalments

    def _copy_milestones_commands(self):
        """Return commands for the milestones of a copy: as planned once, without what happened to them.

        Those that wait are counted from the start.
        """
        self.ensure_one()
        return [fields.Command.create({
            'name': one.name, 'sequence': one.sequence, 'kind': one.kind, 'obligor': one.obligor, 'user_id': one.user_id.id,
            'amount': one.amount, 'percent': one.percent, 'evidence': one.evidence, 'is_down_payment': one.is_down_payment,
            'clause_role': one.clause_role, 'anchor': 'start',
            'offset_days': ((one.date_first_planned or one.date_planned) - self.date_start).days if one.date_planned else one.offset_days,
        }) for one in self.milestone_ids if one.state != 'cancelled' or self.state in ('cancelled', 'terminated')]

    # === FROM ORDERS === #

    @api.model
    def _draft_from_orders(self, orders):
        """Draft one contract for each confirmed order.

        :param orders: ``sale.order`` records without a contract
        :return: the contracts, in the order of the orders
        """
        templates = self._templates_for(orders)
        vals_list = []
        for order in orders:
            lines = order.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment)
            template = templates[order]
            start = order.company_id._fulfilment_today()[order.company_id]
            vals_list.append({
                'title': order.client_order_ref or order.name,
                'company_id': order.company_id.id, 'partner_id': order.partner_id.id, 'user_id': (order.user_id or self.env.user).id,
                'team_id': order.team_id.id, 'type_id': template.type_id.id, 'template_id': template.id,
                'currency_id': order.currency_id.id, 'payment_term_id': order.payment_term_id.id,
                'date_start': start, 'auto_renew': template.auto_renew, 'renew_months': template.duration_months or 12,
                'date_end': last_day(start, template.duration_months) if template.duration_months else False,
                'line_ids': [fields.Command.create({
                    'sequence': line.sequence, 'name': line.name, 'product_id': line.product_id.id, 'quantity': line.product_uom_qty,
                    'uom_id': line.product_uom_id.id, 'price_unit': line.price_unit, 'discount': line.discount,
                    'amount_untaxed': untaxed, 'amount_total': total, 'sale_line_id': line.id,
                }) for line, untaxed, total in _worth_of_lines(order, lines)],
            })
        contracts = self._create_quietly(vals_list)
        contracts._message_log_batch({contract.id: contract._creation_message() for contract in contracts})
        for order, contract in zip(orders.with_context(tracking_disable=True), contracts, strict=True):
            order.fulfilment_contract_id = contract
        orders._message_log_batch({
            order.id: markup.named(self.env._("Contract"), contract._get_html_link())
            for order, contract in zip(orders, contracts, strict=True)
        })
        return contracts

    @api.model
    def _templates_for(self, orders):
        """Choose the template of each order's contract: services where nothing else is sold, else goods."""
        found = self.env['fulfilment.contract.template'].search([
            ('company_id', 'in', [False, *orders.company_id.parent_ids.ids]), ('type_id.is_framework', '=', False),
        ])
        templates = {}
        for order in orders:
            products = order.order_line.product_id
            goods = not products or any(product.type != 'service' for product in products)
            fitting = found.filtered(
                lambda template, order=order: not template.company_id or template.company_id in order.company_id.parent_ids,
            )
            template = fitting.filtered(lambda template, goods=goods: template.type_id.is_goods == goods)[:1] or fitting[:1]
            if not template:
                raise UserError(self.env._(
                    "No contract template serves %(company)s. Add one under Configuration / Contract templates.",
                    company=order.company_id.name,
                ))
            templates[order] = template
        return templates


def _worth_of_lines(order, lines):
    """Work out what each line comes to, so that all add up to the order: rounded taxes leave cents, which the largest line takes.

    :return: ``[(line, untaxed, total)]``
    """
    largest = lines.sorted('price_total')[-1:]
    left = {
        name: order.currency_id.round(order[name] - sum(lines.mapped(field)))
        for name, field in (('amount_untaxed', 'price_subtotal'), ('amount_total', 'price_total'))
    }
    return [(
        line, line.price_subtotal + (left['amount_untaxed'] if line == largest else 0.0),
        line.price_total + (left['amount_total'] if line == largest else 0.0),
    ) for line in lines]
