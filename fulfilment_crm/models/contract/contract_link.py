import secrets
from datetime import timedelta
from hashlib import sha256

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS
from odoo.tools import consteq, email_normalize_all, formataddr

from ..base.locking import lock

VALID = timedelta(minutes=15)
PAUSE = timedelta(minutes=1)  # between two codes
TRIES = 5  # of one code
TRIES_A_DAY = 20  # of all codes, before there is a day's rest


def _address(partner):
    """Return the one address of a contact; False where there is none, or more than one, as nobody knows who has which of them."""
    addresses = email_normalize_all(partner.email or '')
    return addresses[0] if len(addresses) == 1 else False


def _proof(user):
    """Return what a login is known by: its name and its contact's address."""
    return [user.login, _address(user.partner_id)]


class FulfilmentContract(models.Model):
    """Who acts for the customer by the link of an e-mail, without login, proves it by a code sent to the customer's address.

    Colleagues hand out links, so a link alone does not say that the customer is there.
    """
    _inherit = 'fulfilment.contract'

    link_code = fields.Char(groups=NO_ACCESS, copy=False, help="Hash of the code sent last.", guarded=True)
    link_code_on = fields.Datetime(groups=NO_ACCESS, copy=False, guarded=True)
    link_code_tries = fields.Integer(groups=NO_ACCESS, copy=False, aggregator=None, guarded=True)

    approved_on = fields.Datetime(groups=NO_ACCESS, copy=False, guarded=True)
    approved_email = fields.Char(
        groups=NO_ACCESS, copy=False, help="Where the customer was to be reached when the contract was submitted.", guarded=True,
    )
    approved_logins = fields.Json(
        groups=NO_ACCESS, copy=False, help="The logins of the contact then, with their addresses.",
        guarded=True,
    )

    def _is_what_about(self, record):
        return super()._is_what_about(record) or 'contract_id' in record._fields and record.contract_id == self

    def _note_address(self):
        """Keep where the customers are to be reached, and the logins of the contacts the contracts name: who hands out links or lets
        people log in could change it afterwards. Whoever else logs in for the customer proves it by a code."""
        now = fields.Datetime.now()
        # safe: kept for later comparison; nobody reads it
        contracts = self.sudo()
        logins = contracts.env['res.users'].search([
            ('share', '=', True), ('partner_id', 'in', contracts.partner_id.ids),
        ]).grouped('partner_id')
        for contract in contracts:
            contract.write({
                'approved_on': now, 'approved_email': _address(contract.partner_id),
                'approved_logins': {str(user.id): _proof(user) for user in logins.get(contract.partner_id, ())},
            })

    def _is_address_changed(self):
        """Tell whether the customer's address is another one than when the contract was submitted, or approved at once."""
        self.ensure_one()
        # safe: compared only
        contract = self.sudo()
        return bool(contract.approved_on) and _address(contract.partner_id) != contract.approved_email

    def _knows_login(self, user):
        """Tell whether a login was that of the contract's contact when it was submitted, and still is, at the same address.

        Another login proves nothing by itself.
        """
        self.ensure_one()
        # safe: compared only
        contract, user = self.sudo(), user.sudo()
        known = (contract.approved_logins or {}).get(str(user.id))
        customer = user.partner_id.commercial_partner_id
        return known == _proof(user) and (user.partner_id, customer) == (contract.partner_id, contract.commercial_partner_id) \
            and not contract._is_address_changed()

    def _waits_for_customer(self):
        """Tell whether there is something for the customer to sign or to answer."""
        self.ensure_one()
        return self.state == 'approved' and not self.date_signed or self.state in ('active', 'settlement') and bool(
            self.milestone_ids.filtered(lambda one: one.kind == 'acceptance' and one.state == 'pending' and not one._undelivered()),
        )

    def _why_no_code(self):
        """Explain why no code can be sent to the customer now: a key and the sentence; None when one can."""
        self.ensure_one()
        # safe: compared only
        contract = self.sudo()
        if contract._is_address_changed():
            return 'changed', self.env._(
                "The e-mail address has been changed since the contract was approved. Please ask your contact person: the contract has "
                "to be approved again.",
            )
        if not _address(contract.partner_id):
            return 'address', self.env._("We have no e-mail address of yours: please log in, or ask your contact person.")
        if contract.link_code_on and fields.Datetime.now() < contract.link_code_on + PAUSE:
            return 'pause', self.env._("A code was sent just now. Please look into your mailbox, or try again in a minute.")
        if contract._is_tried_out():
            return 'tries', self.env._("Too many wrong codes were entered. Please try again tomorrow, or ask your contact person.")
        return None

    def _is_tried_out(self):
        return self.link_code_tries >= TRIES_A_DAY and fields.Datetime.now() < self.link_code_on + timedelta(days=1)

    def _send_link_code(self):
        """Send a new code to the customer's contact.

        :raise UserError: when there is no one address, or one was sent just now
        """
        self.ensure_one()
        if why := self._why_no_code():
            raise UserError(why[1])
        # safe: for a visitor whose link was checked; the code goes to the customer's own address only
        contract = self.sudo()
        partner, now = contract.partner_id, fields.Datetime.now()
        code = f'{secrets.randbelow(10 ** 6):06d}'
        rested = not contract.link_code_on or now >= contract.link_code_on + timedelta(days=1)
        contract.write({
            'link_code': contract._hash_of_code(code), 'link_code_on': now,
            # Wrong ones count on over codes: each new one would be a few tries more.
            'link_code_tries': 0 if rested else contract.link_code_tries,
        })
        told = contract.with_context(lang=partner.lang or contract.lang)
        # safe: a mail of its own, to the customer only; it belongs to no record, whose messages colleagues read
        mail = self.env['mail.mail'].sudo().create({
            'subject': told.env._("Your code for contract %s", contract.name), 'email_to': formataddr((partner.name, _address(partner))),
            'email_from': contract.company_id.email_formatted or contract.user_id.email_formatted,
            'author_id': contract.company_id.partner_id.id, 'auto_delete': True,
            'body_html': told.env['ir.qweb']._render('fulfilment_crm.contract_link_code', {'contract': told, 'code': code}),
        })
        mail.send(raise_exception=False)

    def _confirm_link_code(self, code):
        """Check whether this is the code that was sent last; each is good for some tries and minutes, and once."""
        self.ensure_one()
        # safe: as above
        contract = self.sudo()
        lock(contract)
        if not contract.link_code or fields.Datetime.now() > contract.link_code_on + VALID:
            return False
        if consteq(contract.link_code, contract._hash_of_code((code or '').strip())):
            contract.write({'link_code': False, 'link_code_tries': 0})
            return True
        tries = contract.link_code_tries + 1
        contract.write({'link_code_tries': tries, 'link_code': contract.link_code if tries % TRIES else False})
        return False

    def _hash_of_code(self, code):
        return sha256(f'{self.id}:{self.access_token}:{code}'.encode()).hexdigest()

    def _change_link(self):
        """Let links sent before lead nowhere, and the people of another customer hear no more."""
        # safe: follows from a change that the user was allowed to make
        contracts = self.sudo()
        contracts.write({'access_token': False, 'link_code': False})
        for contract in contracts:
            strange = contract.message_partner_ids.filtered(
                lambda one, contract=contract: one.partner_share and one.commercial_partner_id != contract.commercial_partner_id,
            )
            contract.message_unsubscribe(strange.ids)
