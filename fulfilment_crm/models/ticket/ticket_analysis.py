import base64

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from ...report.ticket.ticket_analysis import analysis_sheet
from ...tools.local_time import begin_of, end_of
from ...tools.months import month_name
from ...tools.sheet import render
from ..base.queued_mail_mixin import LAYOUT
from ..base.run import Action


class FulfilmentTicketAnalysis(models.Model):
    """The tickets received in a month by type, cause and product: kept as it was sent to the product owners."""
    _name = 'fulfilment.ticket.analysis'
    _description = 'Monthly analysis of tickets'
    _inherit = ['fulfilment.once.mixin', 'mail.thread', 'fulfilment.machine.mixin']
    _order = 'date_from desc, company_id, id desc'
    _rec_name = 'date_from'

    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade')
    date_from = fields.Date(string="Month", required=True, readonly=True)
    date_to = fields.Date(readonly=True, required=True)
    month = fields.Char(compute='_compute_month', string="Month of receipt")
    ticket_count = fields.Integer(string="Tickets", readonly=True)
    solved_rate = fields.Float(string="Solved (%)", readonly=True, aggregator='avg', digits=(16, 1))
    in_time_rate = fields.Float(string="Deadlines kept (%)", readonly=True, aggregator='avg', digits=(16, 1))
    hours = fields.Float(string="Hours to solution", readonly=True, aggregator='avg', digits=(16, 1))
    rows = fields.Json(readonly=True)
    receiver_ids = fields.Many2many('res.users', string="Sent to", readonly=True)

    @api.depends('date_from')
    @api.depends_context('lang')
    def _compute_month(self):
        for analysis in self:
            analysis.month = analysis.date_from and month_name(self.env, analysis.date_from, wide=True)

    @api.depends('date_from', 'company_id')
    def _compute_display_name(self):
        for analysis in self:
            analysis.display_name = f'{analysis.company_id.name} {analysis.date_from:%Y-%m}' if analysis.date_from else ''

    @api.model
    def _cron_analyses(self, as_of=None):
        """Make and send the analysis of the month that has ended, once for each company that has named product owners.

        :param as_of: date to work for; each company's own today when None
        """
        # safe: a scheduled action works for all companies
        self = self.sudo()
        run = self.env['fulfilment.run']._open('analyses', as_of)
        companies = self.env['res.company'].search([('fulfilment_product_owner_ids', '!=', False)])
        for company, day in companies._fulfilment_today(as_of).items():
            first = day.replace(day=1) - relativedelta(months=1)
            if not self.search_count([('claim_key', '=', f'analysis:{company.id}:{first}')], limit=1):
                error = run._transaction(lambda company=company, first=first: {'analyses sent': len(self._of_month(company, first))})
                if error is not None:
                    run._set_aside('res.company', company.id, error)
        run._close()

    @api.model
    def _of_month(self, company, first):
        """Work out and send the analysis of a month, once.

        :param company: one company
        :param date first: the first day of the month
        :return: the analysis, empty when there is one already
        """
        last = first + relativedelta(months=1, days=-1)
        rows, total = self._count(company, first, last)
        analysis = self._claim([{
            'claim_key': f'analysis:{company.id}:{first}', 'company_id': company.id, 'date_from': first, 'date_to': last, 'rows': rows,
            'receiver_ids': [fields.Command.set(company.fulfilment_product_owner_ids.ids)], **total,
        }])
        if analysis:
            analysis._send()
        return analysis

    @api.model
    def _count(self, company, first, last):
        """Return the rows of the analysis, most frequent first, and the figures of the whole.

        A ticket belongs to the month in which it was received, in the company's time zone; cancelled ones do not count. Solved is what
        has been solved by now.
        """
        begin, end = begin_of(first, company._fulfilment_zone()), end_of(last, company._fulfilment_zone())
        # safe: an analysis of all tickets of the company, read by who may read analyses
        tickets = self.env['fulfilment.ticket'].sudo().with_context(active_test=False)
        domain = [
            ('company_id', '=', company.id), ('received_on', '>=', begin), ('received_on', '<', end), ('kind', '!=', 'cancelled'),
        ]
        counted = tickets._read_group(domain, ['ticket_type', 'cause_id', 'product_id'], ['__count', 'in_time_rate:avg'])
        solved = {
            tuple(group): figures for *group, figures in (
                (kind, cause, product, (count, hours)) for kind, cause, product, count, hours in tickets._read_group(
                    [*domain, ('solved_on', '!=', False)], ['ticket_type', 'cause_id', 'product_id'], ['__count', 'hours_to_solve:avg'],
                )
            )
        }
        ours = {
            tuple(group): number for *group, number in tickets._read_group(
                [*domain, ('responsibility', '=', 'us')], ['ticket_type', 'cause_id', 'product_id'], ['__count'],
            )
        }
        rated = {
            tuple(group): rating for *group, rating in tickets._read_group(
                [*domain, ('rating_last_value', '>=', 1)], ['ticket_type', 'cause_id', 'product_id'], ['rating_last_value:avg'],
            )
        }
        rows = []
        for kind, cause, product, count, in_time in counted:
            done, hours = solved.get((kind, cause, product), (0, None))
            rows.append({
                'type': kind, 'cause_id': cause.id, 'product_id': product.id, 'count': count, 'solved': done,
                'ours': ours.get((kind, cause, product), 0), 'solved_rate': round(100 * done / count, 1), 'in_time_rate': round(in_time, 1),
                'hours': None if hours is None else round(hours, 1), 'rating': rated.get((kind, cause, product)),
            })
        rows.sort(key=lambda row: (-row['count'], row['type'], row['cause_id'] or 0, row['product_id'] or 0))
        number, done = sum(row['count'] for row in rows), sum(row['solved'] for row in rows)
        return rows, {
            'ticket_count': number, 'solved_rate': round(100 * done / number, 1) if number else 0.0,
            'in_time_rate': round(sum(row['in_time_rate'] * row['count'] for row in rows) / number, 1) if number else 0.0,
            'hours': round(sum((row['hours'] or 0) * row['solved'] for row in rows) / done, 1) if done else 0.0,
        }

    def _lines(self):
        """Return the rows with names in the language of the context, for sheet and report."""
        self.ensure_one()
        # safe: names of causes and products of an analysis the user may read
        own = self.sudo()
        types = dict(self.env['fulfilment.ticket']._fields['ticket_type']._description_selection(self.env))
        causes = {cause.id: cause.name for cause in own.env['fulfilment.ticket.cause'].browse(
            {row['cause_id'] for row in own.rows or [] if row['cause_id']}).exists()}
        products = {product.id: product.display_name for product in own.env['product.product'].browse(
            {row['product_id'] for row in own.rows or [] if row['product_id']}).exists()}
        return [{
            **row, 'type': types[row['type']], 'cause': causes.get(row['cause_id'], ''), 'product': products.get(row['product_id'], ''),
        } for row in own.rows or []]

    def _send(self):
        """Send the analyses with Excel and PDF to the product owners, each in their language."""
        report = self.env['ir.actions.report']
        with_pdf = report.get_wkhtmltopdf_state() != 'install'
        template = self.env.ref('fulfilment_crm.mail_template_ticket_analysis')
        template._fulfilment_check_vouched(self._name)
        for analysis in self:
            for lang, users in analysis.receiver_ids.filtered('email').grouped('lang').items():
                own = analysis.with_context(lang=lang)
                name = f'{own.env._("Tickets")} {analysis.date_from:%Y-%m}'
                files = [(f'{name}.xlsx', render(analysis_sheet(own)))]
                if with_pdf:
                    pdf, _kind = report.with_context(lang=lang)._render_qweb_pdf('fulfilment_crm.action_report_ticket_analysis', own.ids)
                    files.append((f'{name}.pdf', pdf))
                attachments = self.env['ir.attachment'].create([{
                    'name': file, 'raw': content, 'res_model': self._name, 'res_id': analysis.id,
                } for file, content in files])
                template.with_context(lang=lang).send_mail(analysis.id, email_layout_xmlid=LAYOUT, email_values={
                    **analysis.company_id._fulfilment_letterhead(),
                    'recipient_ids': [fields.Command.set(users.partner_id.ids)],
                    'attachment_ids': [fields.Command.set(attachments.ids)],
                })
            if not with_pdf:
                analysis._message_log(body=self.env._("Sent without PDF: the server has no wkhtmltopdf."))

    def action_excel(self):
        """Download the analysis as Excel file."""
        self.ensure_one()
        return self.env['fulfilment.export'].create({
            'name': f'{self.display_name}.xlsx', 'file': base64.b64encode(render(analysis_sheet(self))),
        })._download()


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [
            *super()._actions(),
            Action(95, 'analyses', self.env._("Analyses of tickets"), 'fulfilment.ticket.analysis', '_cron_analyses'),
        ]

    @api.model
    def _effect_labels(self):
        return {**super()._effect_labels(), 'analyses sent': self.env._("Monthly analyses sent")}
