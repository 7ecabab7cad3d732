"""Who may read the addon's records: fields of Odoo's own models that lead to them are for these groups.

Anybody else reads Odoo's records as without the addon; a field that leads to what they may not read would stop them.
"""
READERS = ','.join(f'fulfilment_crm.group_{name}' for name in ('user', 'inspector', 'legal', 'credit', 'service'))
