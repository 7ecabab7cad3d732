"""The lists that buttons open."""


def open_list(records, action, domain, **context):
    """Return an action of the addon on chosen records, without the filters it has of its own.

    :param records: of any model, for their environment
    :param str action: its XML id without the module
    :param list domain: the records to show
    :param context: defaults of new records and filters to start with
    :return: dict the web client opens
    """
    return {
        **records.env['ir.actions.actions']._for_xml_id(f'fulfilment_crm.{action}'), 'domain': domain, 'context': context,
    }
