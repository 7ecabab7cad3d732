"""Which e-mails in a colleague's name a mail server vouches for."""
from email.message import EmailMessage

from odoo.tests import tagged

from ..models.ticket.ticket_mail import _is_vouched_for
from .common import FulfilmentCommon


@tagged('post_install', '-at_install')
class TestVouched(FulfilmentCommon):

    def _message(self, *headers, sender='Serena Cole <serena@a.example>'):
        message = EmailMessage()
        message['From'] = sender
        for header in headers:
            message['Authentication-Results'] = header
        return message

    def test_who_vouches(self):
        self.company_a.fulfilment_mail_hosts = 'mx.a.example'
        ok = 'mx.a.example; spf=pass smtp.mailfrom=a.example; dmarc=pass (p=NONE) header.from=a.example'
        for expected, headers in (
            (True, [ok]), (True, ['mx.a.example 1; DMARC=pass header.from=A.example']), (False, []),
            (False, ['mx.a.example; spf=pass smtp.mailfrom=dmarc=pass@evil.example; dmarc=fail header.from=a.example']),
            (False, ['mx.a.example; dmarc=fail header.from=a.example', ok]),
            (False, ['mx.a.example; dmarc=pass header.from=evil.example; dmarc=fail header.from=a.example']),
            (False, ['mx.a.example; dmarc=pass header.from=evil.example']), (False, ['mx.a.example; dmarc=pass']),
            (False, ['mx.a.example; spf=fail smtp.mailfrom="x; dmarc=pass header.from=a.example"@evil.example']),
            (False, ['mx.a.example; spf=fail (; dmarc=pass header.from=a.example)']),
            (False, ['mx.a.example; spf=fail (a (b) ; dmarc=pass header.from=a.example )']),
            (False, ['mx.evil.example; dmarc=pass header.from=a.example']), (False, ['mx.evil.example; dmarc=pass', ok]),
            (False, ['mx.a.example; x-dmarc=pass header.from=a.example']), (False, ['']), (False, ['"mx.a.example"; dmarc=pass']),
        ):
            with self.subTest(headers=headers):
                self.assertEqual(_is_vouched_for(self._message(*headers), self.company_a), expected)
