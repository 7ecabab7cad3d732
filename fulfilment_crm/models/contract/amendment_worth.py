from .terms import TERMS


class Worth:
    """What a contract would come to after changes, replayed on its figures without touching it."""

    def __init__(self, contract):
        self.contract = contract
        rate = contract.amount_total / contract.amount_untaxed if contract.amount_untaxed else 1.0
        self.lines = {line: [
            line.quantity, line.price_unit * (1 - line.discount / 100),
            line.amount_total / line.amount_untaxed if line.amount_untaxed else rate,
        ] for line in contract.line_ids}
        self.rate, self.total, self.untaxed = rate, contract.amount_total, contract.amount_untaxed
        self.payments = {one: one.amount for one in contract.milestone_ids if one.kind == 'payment' and one.state in ('pending', 'done')}
        self.percent = {one: one.percent for one in self.payments}

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
            self.payments[line.milestone_id] = line.value_amount
        elif kind == 'milestone_cancel':
            self.payments.pop(line.milestone_id, None)
        elif kind == 'milestone_add' and line.value_kind == 'payment':
            self.payments[line] = line.value_amount
        elif kind == 'clause_value' and line.parameter_id.role in TERMS and TERMS[line.parameter_id.role].unit == 'percent':
            for one in self.payments:
                if one._name == 'fulfilment.milestone' and one.clause_role == line.parameter_id.role and one.state == 'pending':
                    self.payments[one] = self.amount_of_contract() * line.value_number / 100

    def amount_of_contract(self):
        """The amount by what is sold, where it is listed; with taxes where they are known."""
        listed = sum(quantity * price * rate for quantity, price, rate in self.lines.values())
        return listed if self.contract.line_ids else max(self.total, self.untaxed, listed)

    def amount(self):
        """The larger of what the contract and what its payments would come to, in its currency."""
        by_obligor = {}
        for one, amount in self.payments.items():
            obligor = one.obligor if one._name == 'fulfilment.milestone' else one.value_obligor
            by_obligor[obligor] = by_obligor.get(obligor, 0.0) + amount
        return max(0.0, self.amount_of_contract(), *by_obligor.values())
