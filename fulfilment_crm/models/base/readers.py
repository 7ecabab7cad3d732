"""Who may read the addon's records: fields of Odoo's own models that lead to them are for this group, which comes with every role.

Anybody else reads Odoo's records as without the addon; a field that leads to what they may not read would stop them.
"""
READERS = 'fulfilment_crm.group_reader'
