from odoo import fields, models
from odoo.exceptions import UserError

from ...tools import placeholders
from ..base.binding import binding
from ..base.told import _lt, told
from .terms import TERMS

DAMAGES_WORDS = ('违约金', 'damages')
TERMINATION_WORDS = ('解除', '终止', 'terminat')


class FulfilmentContract(models.Model):
    """The check of a draft: what is missing, contradictory or vague."""
    _inherit = 'fulfilment.contract'

    def action_check(self):
        """Check the drafts and list what was found on them."""
        self.check_access('read')
        self.env['fulfilment.contract.finding'].check_access('read')  # findings are for colleagues, not for the customer
        self._check_wording()
        return True

    def _check_wording(self):
        """Make the list of findings anew.

        :return: the findings
        """
        # safe: findings repeat what the contract itself says, for its readers
        self.sudo().finding_ids.unlink()
        self.sudo().filtered(lambda contract: contract.state == 'draft').clause_ids._compute_text()
        terms = binding(self.env['fulfilment.vague.term']).search([])
        vals_list = []
        for contract in self.sudo():
            rows = [
                *contract._find_missing(), *contract._find_unfilled(), *contract._find_contradictions(),
                *contract._find_vague(terms), *contract._find_legal(),
            ]
            vals_list += [dict(row, contract_id=contract.id) for row in rows]
        self.sudo().checked_on = fields.Datetime.now()
        return self.env['fulfilment.contract.finding'].sudo().create(vals_list)

    def _check_complete(self):
        """Raise when something must be mended before the contracts can be submitted, listing all of it."""
        blocking = self._check_wording().filtered(lambda finding: finding.severity == '1_block')
        if blocking:
            raise UserError(self.env._(
                "Not ready for approval:\n%(findings)s",
                findings='\n'.join(f'• {finding.contract_id.name}: {finding.message}' for finding in blocking),
            ))

    def _find_missing(self):
        """Find mandatory categories without a clause, and what is missing of what every contract of its type must state."""
        rows = []
        for category in self.type_id.mandatory_category_ids - self.clause_ids.category_id:
            rows.append(_block('missing', told(self.env, _lt("No clause on “%(category)s”.", category=category.name))))
        if not self.amount_total and not self.is_framework:
            rows.append(_block('missing', told(self.env, _lt("The contract has no amount."))))
        if self.type_id.is_goods and not self.line_ids:
            rows.append(
                _block('missing', told(self.env, _lt(
                    "A sale of goods lists what is sold: name, quantity, unit price and total. Add the lines.",
                )))
            )
        if not self.user_id:
            rows.append(_block('missing', told(self.env, _lt("Nobody is responsible for the contract."))))
        if not self.milestone_ids:
            rows.append(_warn('missing', told(self.env, _lt("The contract has no milestones, so nobody will be reminded of anything."))))
        for clause in self.clause_ids.filtered(lambda clause: clause.category_id.code == 'breach'):
            for words, name in ((DAMAGES_WORDS, _lt("damages")), (TERMINATION_WORDS, _lt("termination"))):
                if not any(word in (clause.text or '').lower() for word in words):
                    rows.append(
                        _block('missing', told(self.env, _lt("Clause “%(clause)s” does not name %(what)s.", clause=clause.name, what=name)),
                               clause_id=clause.id)
                    )
        return rows

    def _find_unfilled(self):
        return [
            _block('unfilled', told(self.env, _lt(
                "Clause “%(clause)s” is not filled in: %(gaps)s.", clause=clause.name,
                gaps=', '.join(clause._gap_label(gap) for gap in gaps),
            )), clause_id=clause.id)
            for clause in self.clause_ids if (gaps := placeholders.unfilled(clause.text))
        ]

    def _find_amount_that_differs(self):
        """Find an amount that is not what the lines come to: who approves is found by it."""
        lines = self.line_ids
        if not lines or self.is_framework:
            return []
        total = sum(lines.mapped('amount_total'))
        if not self.currency_id.compare_amounts(total, self.amount_total):
            return []
        return [_block('contradiction', told(self.env, _lt(
            "The lines come to %(lines)s, the contract to %(amount)s.", lines=self.currency_id.format(total),
            amount=self.currency_id.format(self.amount_total),
        )))]

    def _find_contradictions(self):
        rows = []
        terms = self._terms()
        cap, rate = terms.get('damages_cap'), terms.get('damages_rate')
        if cap and rate and cap.value_number < rate.value_number:
            rows.append(_warn('contradiction', told(self.env, _lt(
                "The cap on damages (%(cap)s %%) is below one day's rate (%(rate)s %%).", cap=cap._formatted(), rate=rate._formatted(),
            )), clause_id=cap.contract_clause_id.id))
        deposit, limit = terms.get('deposit_percent'), self.company_id.fulfilment_deposit_limit
        if deposit and deposit.value_number > limit:
            rows.append(_warn('law', told(self.env, _lt(
                "A deposit of %(percent)s %% is above the %(limit)s %% of the price that the law protects; have counsel confirm it.",
                percent=deposit._formatted(), limit=f'{limit:g}',
            )), clause_id=deposit.contract_clause_id.id))
        rows += self._find_terms_that_differ(terms)
        payments = self._customer_payments()
        for payment in payments.filtered(lambda one: one.anchor == 'predecessor'):
            needed = payment.predecessor_id
            if payment.date_planned and needed.date_planned and payment.date_planned < needed.date_planned:
                rows.append(_warn('contradiction', told(self.env, _lt(
                    "“%(payment)s” is due on %(due)s, before “%(needed)s” that it depends on (%(planned)s).",
                    payment=payment.name, due=payment.date_planned, needed=needed.name,
                    planned=needed.date_planned,
                )), milestone_id=payment.id))
        rows += self._find_amount_that_differs()
        total = sum(payments.mapped('amount'))
        if payments and not self.is_framework and self.currency_id.compare_amounts(total, self.amount_total):
            rows.append(_warn('contradiction', told(self.env, _lt(
                "The payments come to %(payments)s, the contract to %(amount)s.",
                payments=self.currency_id.format(total), amount=self.currency_id.format(self.amount_total),
            ))))
        for milestone in self.milestone_ids.filtered(lambda one: one.date_planned and self.date_end and one.kind == 'delivery'):
            if milestone.date_planned > self.date_end:
                rows.append(_warn('contradiction', told(self.env, _lt(
                    "“%(name)s” is planned after the end of the contract.", name=milestone.name,
                )), milestone_id=milestone.id))
        if self.parent_id and self.parent_id.date_end and self.date_end and self.date_end > self.parent_id.date_end:
            rows.append(
                _warn('contradiction', told(self.env, _lt(
                    "The contract ends after %(parent)s, which it stands under.", parent=self.parent_id.name,
                )))
            )
        return rows

    def _find_terms_that_differ(self, terms):
        """Find where two clauses, a clause and its milestone, or a clause and the payment term say different things."""
        rows, names = [], dict(self.clause_ids.parameter_ids._fields['role']._description_selection(self.env))
        for parameter in self.clause_ids.parameter_ids.filtered(lambda one: one.role not in ('number', 'text')):
            first = terms[parameter.role]
            if first.value_number != parameter.value_number:
                rows.append(_warn('contradiction', told(self.env, _lt(
                    "Clauses “%(one)s” and “%(other)s” say different things of “%(role)s”: %(value)s and %(more)s.",
                    one=first.contract_clause_id.name, other=parameter.contract_clause_id.name, role=names[parameter.role],
                    value=first._formatted(), more=parameter._formatted(),
                )), clause_id=parameter.contract_clause_id.id))
        for milestone in self.milestone_ids.filtered(lambda one: one.clause_role in TERMS and one.state == 'pending'):
            parameter = milestone._own_term(terms)
            said = milestone._said_by_term(parameter, terms) if parameter else {}
            said.pop('clause_id', None)
            if parameter and milestone._is_counted_otherwise() or any(milestone[name] != value for name, value in said.items()):
                rows.append(_warn('contradiction', told(self.env, _lt(
                    "“%(milestone)s” is not as clause “%(clause)s” says: the clause counts.", milestone=milestone.name,
                    clause=parameter.contract_clause_id.name,
                )), clause_id=parameter.contract_clause_id.id, milestone_id=milestone.id))
        said = self._said_by_payment_term() if self.payment_term_id else {}
        for role in ('payment_days', 'after_invoice_days', 'advance_percent'):
            if role in terms and role in said and terms[role].value_number != said[role]:
                rows.append(_warn('contradiction', told(self.env, _lt(
                    "Clause “%(clause)s” says %(value)s, the payment term “%(term)s” %(said)s.", clause=terms[role].contract_clause_id.name,
                    value=terms[role]._formatted(), term=self.payment_term_id.name, said=said[role],
                )), clause_id=terms[role].contract_clause_id.id))
        return rows

    def _find_vague(self, terms):
        rows = []
        for clause in self.clause_ids:
            text = (clause.text or '').lower()
            for term in terms:
                if term._found_in(text):
                    rows.append(_warn('vague', told(self.env, _lt(
                        "Clause “%(clause)s” says “%(term)s”. %(hint)s", clause=clause.name, term=term.name, hint=term.hint or '',
                    )), clause_id=clause.id))
        return rows

    def _find_legal(self):
        return [
            _warn('legal', told(self.env, _lt(
                "The wording of clause “%(clause)s” differs from the library.", clause=clause.name,
            )) if clause.clause_id.legal_state == 'signed_off' else told(self.env, _lt(
                "Legal has not reviewed clause “%(clause)s”.", clause=clause.name,
            )), clause_id=clause.id)
            for clause in self.clause_ids if clause._needs_legal_review()
        ]


class FulfilmentContractClause(models.Model):
    _inherit = 'fulfilment.contract.clause'

    def _gap_label(self, gap):
        """Return a placeholder's name as people call it: its label, or where the value comes from."""
        sources = {
            'bank_account': self.env._("our bank account (an administrator enters it under Configuration / Settings)"),
            'date_end': self.env._("end of the contract"),
            'customer': self.env._("name of the customer"),
            'amount': self.env._("amount of the contract"),
        }
        return self.parameter_ids.filtered(lambda parameter: parameter.key == gap).name or sources.get(gap, gap)

    def _needs_legal_review(self):
        """Tell whether the wording is not signed off in the library, or not taken from it unchanged."""
        self.ensure_one()
        library = self.clause_id.with_context(lang=self.contract_id.lang or self.env.lang)
        return not library or library.legal_state != 'signed_off' or library.body != self.body


def _block(kind, message, **links):
    return {'severity': '1_block', 'kind': kind, 'message': message, **links}


def _warn(kind, message, **links):
    return {'severity': '2_warn', 'kind': kind, 'message': message, **links}
