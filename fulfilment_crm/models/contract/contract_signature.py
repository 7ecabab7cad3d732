import base64
import binascii
import hashlib
import io

from PIL import Image, UnidentifiedImageError

from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.shown_date import shown_date
from ..base.locking import lock


class FulfilmentContract(models.Model):
    """Signature, on the portal or on paper. The document of the signed state is stored once and never made again."""
    _inherit = 'fulfilment.contract'

    signed_by = fields.Char(string="Signed by", readonly=True, copy=False, guarded=True)
    signed_on = fields.Datetime(string="Signed at", readonly=True, copy=False, guarded=True)
    signed_ip = fields.Char(string="Signed from (IP)", readonly=True, copy=False, guarded=True, for_colleagues=True)
    signature = fields.Binary(readonly=True, copy=False, attachment=True, guarded=True)
    signed_document = fields.Binary(
        readonly=True, copy=False, attachment=True, help="The contract as it was signed. Kept unchanged, whatever happens later.",
        guarded=True,
    )
    signed_document_name = fields.Char(readonly=True, copy=False, guarded=True)
    signed_checksum = fields.Char(string="SHA-256 of the document", readonly=True, copy=False, guarded=True)

    def action_send_for_signature(self):
        """Open the message that asks the customer to sign, with the link to the portal."""
        self.ensure_one()
        self.check_access('write')
        if self.state != 'approved' or self.date_signed:
            raise UserError(self.env._("%(contract)s is not waiting for a signature.", contract=self.display_name))
        self._portal_ensure_token()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Send for signature"), 'res_model': 'mail.compose.message',
            'view_mode': 'form', 'views': [(False, 'form')], 'target': 'new',
            'context': {
                'default_model': self._name, 'default_res_ids': self.ids, 'default_composition_mode': 'comment',
                'default_template_id': self.env.ref('fulfilment_crm.mail_template_signature').id,
                'default_email_layout_xmlid': 'mail.mail_notification_layout_with_responsible_signature', 'force_email': True,
            },
        }

    def action_read(self):
        """Open the contract as a document, as the customer will read it."""
        self.ensure_one()
        self.check_access('read')
        return {'type': 'ir.actions.act_url', 'url': f'/report/html/fulfilment_crm.report_contract/{self.id}', 'target': 'new'}

    def action_sign_paper(self):
        """Open the dialog that takes the scan of a contract signed on paper."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Signed on paper"), 'res_model': 'fulfilment.sign.paper',
            'view_mode': 'form', 'target': 'new', 'context': {'default_contract_id': self.id},
        }

    def action_sign(self, signed_by=None, document=None, document_name=None, date=None):
        """Record that a contract was signed on paper.

        :param str signed_by: name of the person who signed for the customer
        :param document: scan of the signed contract, base64; required
        :param str document_name: file name of the scan
        :param date: day of the signature; today when missing
        """
        self.ensure_one()
        self.check_access('write')
        if not document:
            return self.action_sign_paper()
        if not (signed_by or '').strip():
            raise UserError(self.env._("%(contract)s: name the person who signed.", contract=self.display_name))
        day = fields.Date.to_date(date) if date else None
        if day and day > self.company_id._fulfilment_today()[self.company_id]:
            raise UserError(
                self.env._("%(contract)s cannot have been signed on %(date)s, which is still to come.",
                    contract=self.display_name, date=shown_date(self.env, day))
            )
        self._sign(signed_by.strip(), document=base64.b64decode(document), document_name=document_name or f'{self.name}.pdf', day=day)
        return True

    def _sign(self, signed_by, signature=None, ip=None, document=None, document_name=None, day=None, proof=None):
        """Sign, keep the document, and put the contract into force when its time has come.

        :param str signed_by: name of who signed
        :param signature: picture of the signature, base64
        :param str ip: address the signature came from
        :param bytes document: scan of the paper; None makes the document from the contract
        :param date day: day of the signature, today when missing
        :param str proof: how it is known that the customer signed without login, for the chatter
        """
        self.ensure_one()
        # safe: called after the right to write was checked, or for the customer the contract names, with their access checked
        contract = self.sudo().with_context(lang=self.lang)
        lock(contract)
        if contract.state != 'approved' or contract.date_signed:
            raise UserError(self.env._("%(contract)s is not waiting for a signature.", contract=contract.display_name))
        _check_picture(signature)
        today = contract.company_id._fulfilment_today()
        contract.write({
            'signed_by': signed_by, 'signed_on': fields.Datetime.now(), 'signed_ip': ip, 'signature': signature,
            'date_signed': day or today[contract.company_id],
        })
        if document is None:
            document, document_name = contract._signed_rendition()
        contract.write({
            'signed_document': base64.b64encode(document), 'signed_document_name': document_name,
            'signed_checksum': hashlib.sha256(document).hexdigest(),
        })
        contract.message_post(
            body=self.env._("Signed by %(name)s", name=signed_by) + (f'. {proof}' if proof else ''),
            attachments=[(document_name, document)], subtype_xmlid='mail.mt_comment',
        )
        contract.activity_unlink(['fulfilment_crm.activity_type_approved'])
        contract.milestone_ids._reschedule()
        contract._after_signature(today)

    def _signed_rendition(self):
        """Render the contract as a PDF, or as a web page where the server cannot make PDFs: ``(content, file name)``."""
        self.ensure_one()
        report = self.env['ir.actions.report']
        name = self.name.replace('/', '-')
        if report.get_wkhtmltopdf_state() in ('install', 'broken'):
            content, _kind = report._render_qweb_html('fulfilment_crm.action_report_contract', self.ids)
            return content, f'{name}.html'
        content, kind = report._render_qweb_pdf('fulfilment_crm.action_report_contract', self.ids)
        return content, f'{name}.{kind}'

    def _signed_for_us(self):
        """Return who bound our side: the person who took the last step of approval, else the responsible who sent it for signature.

        :return: dict of ``name``, ``date`` and ``step``
        """
        self.ensure_one()
        # safe: who approved is printed on what both sides sign
        last = self.sudo().approval_ids.filtered(lambda one: one.state == 'approved').sorted(lambda one: (one.round, one.sequence))[-1:]
        if last:
            return {'name': last.decided_by_id.name, 'date': last._decided_day(), 'step': last.name}
        return {'name': self.user_id.name or self.company_id.name, 'date': self.date_signed, 'step': self.company_id.name}

    def _get_report_base_filename(self):
        """Return the file name of the printed contract, for which Odoo's portal asks."""
        self.ensure_one()
        return self.name.replace('/', '-')


def _check_picture(signature):
    """:raise ValueError: when a signature is no picture; drawings that can carry scripts are none"""
    if not signature:
        return
    try:
        with Image.open(io.BytesIO(base64.b64decode(signature, validate=True))) as picture:
            if picture.format not in ('PNG', 'JPEG'):
                raise ValueError(picture.format)
    except (UnidentifiedImageError, binascii.Error, OSError) as error:
        raise ValueError("no picture") from error
