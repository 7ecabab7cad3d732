import secrets
from hashlib import sha256

from odoo import api, fields, models

from ...tools.local_time import clock

ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
MOST_GUESSES = 20  # wrong codes within an hour from one address


class FulfilmentDocument(models.Model):
    """The code of a document we have issued: a public page says by it when that was, and nothing else."""
    _name = 'fulfilment.document'
    _description = 'Document issued'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'id desc'
    _rec_name = 'code'

    code = fields.Char(required=True, readonly=True)
    res_model = fields.Char(string="Record type", required=True, readonly=True)
    res_id = fields.Many2oneReference(string="Record", model_field='res_model', required=True, readonly=True)
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade')
    issued_on = fields.Date(required=True, readonly=True)

    _code_unique = models.UniqueIndex('(code)', "This code is taken.")
    _record_unique = models.UniqueIndex('(res_model, res_id)', "A document has one code.")

    @api.model
    def _code_of(self, record):
        """Return the code of a record's document; it gets one when it has none yet."""
        # safe: the code is printed on the document, for whoever may print it
        documents = self.sudo()
        found = documents.search([('res_model', '=', record._name), ('res_id', '=', record.id)])
        if not found:
            company = record.company_id or self.env.company
            found = documents.create({
                'code': ''.join(secrets.choice(ALPHABET) for _place in range(16)), 'res_model': record._name, 'res_id': record.id,
                'company_id': company.id, 'issued_on': company._fulfilment_today()[company],
            })
        return found.code

    @api.model
    def _checked(self, code, content=None):
        """Tell what the public page says of a code.

        :param str code: as somebody has typed it
        :param bytes content: of a file to be compared, if there is one
        :return: None for a code that is none of ours, else dict with ``issued_on``, ``amendment`` (number of the last one since, or None)
            and ``unchanged`` (whether the file is the one issued; None without a file, or where none was kept)
        """
        plain = ''.join(letter for letter in (code or '').upper() if letter in ALPHABET)
        found = self.sudo().search([('code', '=', plain)]) if len(plain) == 16 else self.browse()  # safe: what the page may say
        record = found and found.res_model in self.env and found.env[found.res_model].browse(found.res_id).exists()
        if not record:
            return None
        issued_on = record._issued_on(found.issued_on)
        if not issued_on:
            return None  # printed as a draft: nothing was issued
        kept = record._issued_checksum()
        return {
            'issued_on': issued_on, 'amendment': record._superseded_by(),
            'unchanged': sha256(content).hexdigest() == kept if content and kept else None,
        }


class FulfilmentDocumentGuess(models.Model):
    """How many wrong codes came from an address within the hour."""
    _name = 'fulfilment.document.guess'
    _description = 'Wrong codes'
    _inherit = ['fulfilment.machine.mixin']
    _log_access = False
    _rec_name = 'origin'

    origin = fields.Char(required=True, readonly=True, help="A hash of the address.")
    hour = fields.Datetime(required=True, readonly=True)
    number = fields.Integer(readonly=True)

    _origin_unique = models.UniqueIndex('(origin, hour)', "An address is counted once an hour.")

    @api.model
    def _is_too_many(self, address):
        """Whether so many wrong codes came from an address within the hour that no more are looked at."""
        return sum(self._of(address).mapped('number')) >= MOST_GUESSES

    @api.model
    def _count_guess(self, address):
        found = self._of(address)
        if found:
            found.number += 1
        else:
            origin, hour = self._key(address)
            self.create({'origin': origin, 'hour': hour, 'number': 1})

    @api.model
    def _of(self, address):
        origin, hour = self._key(address)
        return self.search([('origin', '=', origin), ('hour', '=', hour)])

    @api.model
    def _key(self, address):
        # safe: the database's own secret, so that addresses cannot be told from what is kept
        secret = self.env['ir.config_parameter'].sudo().get_param('database.secret')
        return sha256(f'{secret}:{address}'.encode()).hexdigest(), fields.Datetime.now().replace(minute=0, second=0)

    @api.autovacuum
    def _gc_guesses(self):
        """Forget guesses of more than a day ago."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        self.search([('hour', '<', limit)], limit=10000).unlink()


class FulfilmentCodedMixin(models.AbstractModel):
    """A record whose document carries a code."""
    _name = 'fulfilment.coded.mixin'
    _description = 'Document with a code'

    def _code_line(self):
        """Return the line that a document of the record carries: where it can be checked, and by which code."""
        self.ensure_one()
        code = self.env['fulfilment.document']._code_of(self)
        told = '-'.join(code[place:place + 4] for place in range(0, 16, 4))
        # safe: the address of the firm's own pages
        base = self.env['ir.config_parameter'].sudo().get_param('web.base.url')
        return self.env._("To check this document: %(page)s, code %(code)s", page=f'{base}/fulfilment/check', code=told)

    def _issued_on(self, printed_on):
        """Return the day the document was issued; False where it was printed as a draft only.

        :param date printed_on: when it was printed first
        """
        return printed_on

    def _issued_checksum(self):
        """Return the SHA-256 of the document as it was issued; empty where none is kept."""
        return ''

    def _superseded_by(self):
        """Return the number of the amendment that came last into force since, or None."""
        return None


class FulfilmentContract(models.Model):
    _name = 'fulfilment.contract'
    _inherit = ['fulfilment.contract', 'fulfilment.coded.mixin']

    def _issued_on(self, printed_on):
        return self.date_signed

    def _issued_checksum(self):
        return self.signed_checksum or ''

    def _superseded_by(self):
        return max(self.amendment_ids.filtered(lambda one: one.state == 'applied').mapped('number'), default=None)


class FulfilmentNotice(models.Model):
    _name = 'fulfilment.notice'
    _inherit = ['fulfilment.notice', 'fulfilment.coded.mixin']

    def _issued_on(self, printed_on):
        return self.issued_on and clock(self.issued_on, self.company_id._fulfilment_zone()).date()

    def _issued_checksum(self):
        return self.checksum or ''


class FulfilmentStatement(models.Model):
    _name = 'fulfilment.statement'
    _inherit = ['fulfilment.statement', 'fulfilment.coded.mixin']

    def _issued_on(self, printed_on):
        return printed_on if self.state != 'draft' else False

    def _issued_checksum(self):
        return self.document_hash or ''


class FulfilmentReminder(models.Model):
    _name = 'fulfilment.reminder'
    _inherit = ['fulfilment.reminder', 'fulfilment.coded.mixin']
