from contextlib import contextmanager

PASSED = 'fulfilment_crm.passed'  # orders that passed and are on their way to be written, each with its size then: (id, Size or None)
CREATING = 'fulfilment_crm.creating'  # whether orders are being created, which are decided on as a whole
DECIDED_ON = 'fulfilment_crm.decided_on'  # orders of this transaction that have been decided on
RELEASING = 'fulfilment_crm.releasing'  # whether an order is being released, which changes nothing of what is ordered
SETTLED = 'fulfilment_crm.settled'  # orders brought up to date just before, as they are while they are confirmed
WATCHED = 'fulfilment_crm.watched'  # orders whose changes are being watched

# What may make a confirmed order larger, longer or somebody else's.
CHANGES = frozenset({
    'order_line', 'payment_term_id', 'partner_invoice_id', 'partner_id', 'fiscal_position_id', 'currency_id', 'pricelist_id', 'company_id',
    'fulfilment_contract_id',
})


class Marks:
    """What the gate knows of a transaction: kept on the cursor, where no caller can claim it."""

    def __init__(self, cr):
        self._kept = cr.cache

    def marked(self, mark):
        """Return what is kept under a mark: ids, or pairs for orders that passed."""
        return self._kept.get(mark, frozenset())

    def add(self, mark, ids):
        """Mark until the transaction ends."""
        self._kept[mark] = self.marked(mark) | frozenset(ids)

    @contextmanager
    def during(self, mark, ids=(True,)):
        """Mark for what is done within."""
        before = self.marked(mark)
        self.add(mark, ids)
        try:
            yield
        finally:
            self._kept[mark] = before
