"""The statement of an account (对账单) as a sheet."""
from ...tools.sheet import Column, Sheet
from .statement_lines import bucket_names, kind_names


def statement_sheet(company, table):
    """One row an entry, between the opening and the closing balance, and the ages of what is open below.

    :param company: ``res.company``, in the language of the reader
    :param dict table: of ``statement_of``
    :return: :class:`Sheet`
    """
    env = company.env
    kinds = kind_names(env)
    sheet = Sheet(env._("Statement of account"), [
        Column(env._("Date"), 'date', 12), Column(env._("What"), width=14), Column(env._("Number"), width=22),
        Column(env._("Reference"), width=24), Column(env._("Due"), 'date', 12), Column(env._("Currency"), width=9),
        Column(env._("Amount in that currency"), 'money'), Column(env._("Charged"), 'money'), Column(env._("Paid or credited"), 'money'),
        Column(env._("Balance"), 'money'), Column(env._("Open"), 'money'),
    ])
    blank = [None] * 8
    sheet.rows.append([table['date_from'], env._("Opening balance"), *blank[:7], table['opening'], None])
    for line in table['lines']:
        sheet.rows.append([
            line['date'], kinds[line['kind']], line['name'], line['ref'], line['due'], line['currency'], line['amount_currency'],
            line['debit'] or None, line['credit'] or None, line['balance'], line['open'] or None,
        ])
    sheet.rows.append([table['as_of'], env._("Closing balance"), *blank[:7], table['closing'], table['closing']])
    sheet.rows += [
        [None, name, *blank, table['buckets'][key]] for key, name in bucket_names(company).items() if table['buckets'][key]
    ]
    return sheet
