from .terms import REST, TERMS, rest_after


class Worth:
    """What a contract would come to after changes, replayed on its figures without touching it; never less than it would."""

    def __init__(self, contract):
        self.contract = contract
        rate = _rate(contract)
        self.lines = {
            line: [line.quantity, line.price_unit * (1 - line.discount / 100), _rate(line) if line.amount_untaxed else rate]
            for line in contract.line_ids
        }
        self.rate, self.total, self.untaxed = rate, contract.amount_total, contract.amount_untaxed
        # What was waived may be asked for again.
        paid = contract.milestone_ids.filtered(lambda one: one.kind == 'payment' and one.state in ('pending', 'done', 'waived'))
        self.payments = {one: one.amount for one in paid}
        self.percent = {one: one.percent for one in paid}

    def change(self, line):
        """Replay one line of an amendment."""
        kind = line.kind
        if kind == 'contract_amount':
            self.total = line.value_amount
        elif kind == 'contract_untaxed':
            self.untaxed = line.value_amount
        elif kind == 'line_quantity' and line.line_id in self.lines:
            self.lines[line.line_id][0] = line.value_number
        elif kind == 'line_price' and line.line_id in self.lines:
            self.lines[line.line_id][1] = line.value_number * (1 - line.line_id.discount / 100)
        elif kind == 'line_drop':
            self.lines.pop(line.line_id, None)
        elif kind == 'line_add':
            self.lines[line] = [line.value_quantity, line.value_number, self.rate]
        elif kind == 'milestone_amount' and line.milestone_id in self.payments:
            self.payments[line.milestone_id], self.percent[line.milestone_id] = line.value_amount, 0.0
        elif kind == 'milestone_cancel':
            self.payments.pop(line.milestone_id, None)
            self.percent.pop(line.milestone_id, None)
        elif kind == 'milestone_add' and line.value_kind == 'payment':
            self.payments[line], self.percent[line] = line.value_amount, 0.0
        elif kind == 'clause_value' and line.parameter_id.role in TERMS and TERMS[line.parameter_id.role].unit == 'percent':
            self._change_shares(line.parameter_id.role, line.value_number)

    def raise_by(self, line):
        """Replay one line of an amendment that may never come into force: unless it makes less of something."""
        before = dict(vars(self), lines={one: list(values) for one, values in self.lines.items()}, payments=dict(self.payments),
                      percent=dict(self.percent))
        parts = self._parts()
        self.change(line)
        if any(after < parts.get(name, 0.0) for name, after in {**dict.fromkeys(parts, 0.0), **self._parts()}.items()):
            vars(self).update(before)

    def _change_shares(self, role, percent):
        shares = {one: share for one, share in self.percent.items() if share or _takes_what_is_left(one, self.payments[one])}
        changed = {
            one: percent for one in self.payments
            if one._name == 'fulfilment.milestone' and one.clause_role == role and one.state != 'done'
            and (self.percent[one] or not self.payments[one])
        }
        if not changed:
            return
        shares.update(changed)
        if all(one in shares or not self.payments[one] for one in self.payments):
            rest = [one for one in shares if one._name == 'fulfilment.milestone' and one.clause_role in REST and one.state != 'done']
            shares.update(rest_after(shares, rest))
        whole = self.amount_of_contract()
        for one, share in shares.items():
            if share != self.percent[one]:
                self.payments[one], self.percent[one] = whole * share / 100, share

    def _parts(self):
        """Return what an amendment may make less: the contract's amount, and the payments of each side."""
        parts = {'contract': self.amount_of_contract()}
        for one, amount in self.payments.items():
            obligor = one.obligor if one._name == 'fulfilment.milestone' else one.value_obligor
            parts[obligor] = parts.get(obligor, 0.0) + amount
        return parts

    def amount_of_contract(self):
        """Return the contract's amount by what is sold, where it is listed; with taxes where they are known."""
        listed = sum(quantity * price * rate for quantity, price, rate in self.lines.values())
        return listed if self.contract.line_ids else max(self.total, self.untaxed, listed)

    def amount(self):
        """Return the larger of what the contract and what its payments would come to, in its currency."""
        return max(0.0, *self._parts().values())


def _rate(priced):
    """Return the ratio of the amount with taxes to that without, at least one."""
    return max(priced.amount_total / priced.amount_untaxed, 1.0) if priced.amount_untaxed else 1.0


def _takes_what_is_left(payment, amount):
    return payment._name == 'fulfilment.milestone' and payment.clause_role in REST and not amount
