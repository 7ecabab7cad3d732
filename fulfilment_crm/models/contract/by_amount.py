def by_amount(records, amount_of):
    """Group records by the amount that is written to them together. Equal amounts of two currencies are two amounts.

    :param records: of a model with ``currency_id``
    :param amount_of: function of a record
    :return: ``[(amount, records)]``
    """
    return [(amount, some) for (amount, _currency), some in records.grouped(lambda one: (amount_of(one), one.currency_id)).items()]
