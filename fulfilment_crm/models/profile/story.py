from odoo import api, fields, models

SHOWN = 40  # what is told at most, and read of each kind


class FulfilmentProfile(models.Model):
    """What happened with a customer, in one line of time."""
    _inherit = 'fulfilment.profile'

    @api.readonly
    def get_story(self):
        """Tell what happened with a customer, the latest first, as far as the reader may know it.

        :return: list of dicts ``date`` (text), ``icon``, ``kind``, ``text``, ``detail``, ``model`` and ``id`` of the record to open
        """
        self.ensure_one()
        self.check_access('read')
        told = sorted(self._happened(), key=lambda one: (one['date'], one['model'], one['id']), reverse=True)
        return [{**one, 'date': fields.Date.to_string(one['date'])} for one in told[:SHOWN]]

    def _happened(self):
        """Return what a room knows: ``[dict]`` with ``date`` (a date) and the rest as ``get_story`` says."""
        contracts = self._kept('fulfilment.contract', 'date_signed')
        invoices = self._kept(
            'account.move', 'invoice_date', [('state', '=', 'posted'), ('move_type', 'in', ('out_invoice', 'out_refund'))],
        )
        milestones = self._kept('fulfilment.milestone', 'date_done', [('state', '=', 'done')])
        money = self.currency_id.format
        return [
            *self._told_of(contracts, 'date_signed', 'fa-file-text-o', self.env._("Contract signed"), lambda one: (one.display_name, '')),
            *self._told_of(
                milestones, 'date_done', 'fa-flag-o', self.env._("Milestone done"), lambda one: (one.name, one.contract_id.display_name),
            ),
            *self._told_of(
                invoices, 'invoice_date', 'fa-pencil-square-o', self.env._("Invoice"),
                lambda one: (one.name, money(one.amount_total_signed)),
            ),
        ]

    def _kept(self, model, date, domain=()):
        """Return the latest records of the customer with the company that the reader may read; none where nothing of the kind is theirs.

        :param str date: the field by which they are in order
        :param domain: what is asked besides
        """
        self.ensure_one()
        records = self.env[model]
        customer = 'commercial_partner_id' if 'commercial_partner_id' in records._fields else 'partner_id.commercial_partner_id'
        return records if not records.has_access('read') else records.search(
            [*self._own(customer), (date, '!=', False), *domain], order=f'{date} desc, id desc', limit=SHOWN,
        )

    def _told_of(self, records, date, icon, kind, said):
        """Tell of records, for ``_happened``.

        :param str date: the field with the day or moment
        :param said: a function of a record that returns text and detail
        """
        told = []
        for record in records:
            day, (text, detail) = record[date], said(record)
            told.append({
                'date': fields.Datetime.context_timestamp(record, day).date() if hasattr(day, 'hour') else day, 'icon': icon, 'kind': kind,
                'text': text or '', 'detail': detail or '', 'model': record._name, 'id': record.id,
            })
        return told
