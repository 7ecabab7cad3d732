import base64
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.pdf import PdfReader

from ...report.breach import check_bundle
from ...report.breach.exhibits import exhibits_pdf
from ...tools.bundle import as_json, pack
from ..base.event import as_noted
from ..contract.event import first_hash

README = """Bundle of evidence: {name}

exhibits.pdf   list of exhibits
documents/     what was signed, sent, delivered and received
facts/         what the records say of it
events.json    what happened, in order, each sealed after the one before
manifest.json  SHA-256 of every file

To check it without a connection: python3 check.py
"""
FACTS = {
    'contract': ('name', 'title', 'state', 'date_signed', 'date_start', 'date_end', 'amount_total', 'signed_by', 'signed_checksum'),
    'milestone': ('name', 'kind', 'obligor', 'date_first_planned', 'date_planned', 'date_done', 'state', 'amount', 'amount_done'),
    'acceptance': ('milestone_id', 'outcome', 'person', 'date', 'place', 'method', 'reason'),
    'amendment': ('number', 'reason', 'date_effective', 'state'),
    'breach': ('name', 'party', 'state', 'opened_on', 'description', 'cure_until', 'amount_claimed', 'amount_recovered', 'outcome'),
    'notice': ('name', 'kind', 'date', 'subject', 'body', 'state', 'sent_by', 'tracking_number', 'delivered_on', 'proof', 'checksum'),
    'damages': ('milestone_id', 'debtor', 'date_from', 'date_until', 'days', 'amount', 'amount_waived', 'state'),
}


# Who bundles evidence of any contract they may read; the others, of those they may change. Inspectors read bundles, and make none.
BUNDLERS = ('legal', 'manager', 'credit', 'leader')


class FulfilmentEvidence(models.Model):
    """A bundle of evidence as it was made: of a contract, or of one case of it."""
    _name = 'fulfilment.evidence'
    _description = 'Bundle of evidence'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'id desc'
    _rec_name = 'file_name'

    contract_id = fields.Many2one('fulfilment.contract', required=True, readonly=True, index=True, ondelete='restrict')
    breach_id = fields.Many2one('fulfilment.breach', string="Case", readonly=True, index='btree_not_null', ondelete='restrict')
    company_id = fields.Many2one(related='contract_id.company_id', store=True, index=True)
    user_id = fields.Many2one('res.users', string="Made by", readonly=True, ondelete='set null')
    made_on = fields.Datetime(readonly=True, default=fields.Datetime.now)
    file = fields.Binary(readonly=True, attachment=True)
    file_name = fields.Char(readonly=True)
    checksum = fields.Char(string="SHA-256", readonly=True)

    def action_download(self):
        """Download the bundle."""
        self.ensure_one()
        self.check_access('read')
        return {
            'type': 'ir.actions.act_url', 'target': 'download',
            'url': f'/web/content/{self._name}/{self.id}/file/{self.file_name}?download=true',
        }


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    def action_make_evidence(self):
        """Make the bundle of evidence of the contract and download it."""
        self.ensure_one()
        return self._make_evidence()

    def _make_evidence(self, breach=None):
        """Bundle what proves how the contract was fulfilled.

        :param breach: only this case with its notices; all of the contract when None
        :raise AccessError: for those who may not change the contract's cases
        """
        self.check_access('read')
        user = self.env.user
        self._check_was_signed()
        if not self._may_bundle():
            raise AccessError(self.env._("Evidence of %s is bundled by who is responsible for it, and by legal.", self.display_name))
        # safe: what proves the contract, for those who were just checked
        contract = self.sudo()
        contract._seal_events()
        number = (breach or contract).name.replace('/', '-')
        content = pack((breach or contract).name, contract._evidence_files(breach))
        evidence = contract.env['fulfilment.evidence'].create({
            'contract_id': contract.id, 'breach_id': breach.id if breach else False, 'user_id': user.id,
            'file': base64.b64encode(content), 'file_name': f'{number}.zip', 'checksum': sha256(content).hexdigest(),
        })
        return evidence.sudo(False).action_download()

    def _may_bundle(self):
        """Tell whether the user may bundle the evidence of the contract."""
        self.ensure_one()
        return self.has_access('write') or any(self.env.user.has_group(f'fulfilment_crm.group_{role}') for role in BUNDLERS)

    def _evidence_files(self, breach=None):
        """Return the files of the bundle: ``{path: content}``; the same while the records are the same."""
        self.ensure_one()
        told = self.with_context(lang=self.lang or self.env.lang)
        exhibits, files = [], {}
        for position, (name, purpose, file_name, content) in enumerate(told._exhibits(breach), 1):
            path = f"documents/{position:02d}-{''.join(c if c.isalnum() or c in '._-' else '_' for c in file_name)}"
            files[path] = content
            exhibits.append([str(position), name, purpose, _pages(content)])
        env = told.env
        files['exhibits.pdf'] = exhibits_pdf(
            env._("List of exhibits: %s", (breach or self).name), [env._("No."), env._("Exhibit"), env._("What it proves"), env._("Pages")],
            exhibits,
        )
        for name, records in self._evidence_records(breach).items():
            files[f'facts/{name}.json'] = as_json([
                {'id': record.id, **as_noted(record, [one for one in FACTS[name] if one in record._fields])} for record in records
            ])
        # Of the account of the customer no more than this contract's part: who reads the bundle need not read the rest.
        files['facts/instalments.json'] = as_json([{
            'invoice': one.move_name, 'date_due': fields.Date.to_string(one.date_due), 'amount': one.amount, 'amount_open': one.amount_open,
            'currency': one.currency_id.name,
        } for one in told.env['fulfilment.instalment'].search([('contract_id', '=', self.id)], order='date_due, id')])
        files['facts/calculation.txt'] = '\n\n'.join(
            '\n'.join([one.display_name, *one._told_segments()]) for one in told.damages_ids.sorted('id')
        ).encode()
        files['events.json'] = as_json(self._evidence_events())
        files['check.py'] = Path(check_bundle.__file__).read_bytes()
        files['README.txt'] = README.format(name=(breach or self).name).encode()
        return files

    def _evidence_records(self, breach):
        cases = breach or self.breach_ids
        return {
            'contract': self, 'milestone': self.milestone_ids.sorted('id'), 'acceptance': self.milestone_ids.acceptance_ids.sorted('id'),
            'amendment': self.amendment_ids.sorted('id'), 'breach': cases.sorted('id'), 'notice': cases.notice_ids.sorted('id'),
            'damages': self.damages_ids.sorted('id'),
        }

    def _evidence_events(self):
        """Return the sealed events with the hashes a stranger needs to check them."""
        events = self.env['fulfilment.event'].search([('contract_id', '=', self.id), ('hash', '!=', False)], order='sequence, id')
        seal = self.env['fulfilment.event.seal'].search([('contract_id', '=', self.id)])
        return {
            'begin': first_hash(self), 'count': seal.number, 'end': seal.hash or first_hash(self),
            'events': [{
                'number': event.sequence, 'hash': event.hash, 'content': event._sealed_content(event.sequence),
            } for event in events],
        }

    def _exhibits(self, breach=None):
        """Return the documents of the bundle: ``[(name, purpose, file name, content)]``."""
        env, exhibits = self.env, []
        if self.signed_document:
            exhibits.append((
                env._("Contract %s as signed", self.name), env._("What was agreed"), self.signed_document_name or 'contract.pdf',
                base64.b64decode(self.signed_document),
            ))
        for amendment in self.amendment_ids.filtered(lambda one: one.state == 'applied').sorted('number'):
            exhibits += [
                (amendment.display_name, env._("What was changed"), one.name, one.raw or b'') for one in amendment.document_ids.sorted('id')
            ]
        for milestone in self.milestone_ids.sorted('id'):
            exhibits += [
                (f'{milestone.name}: {one.name}', env._("That it was performed"), one.name, one.raw or b'')
                for one in milestone.evidence_ids.sorted('id')
            ]
        for case in (breach or self.breach_ids).sorted('id'):
            exhibits += [
                (f'{case.name}: {one.name}', env._("That the contract was broken"), one.name, one.raw or b'')
                for one in case.evidence_ids.sorted('id')
            ]
            for notice in case.notice_ids.filtered('document').sorted('id'):
                exhibits.append((
                    notice.display_name, env._("What was demanded"), notice.document_name, base64.b64decode(notice.document),
                ))
                exhibits += [
                    (f'{notice.display_name}: {one.name}', env._("That it was delivered"), one.name, one.raw or b'')
                    for one in notice.proof_ids.sorted('id')
                ]
        for suspension in self.suspension_ids.sorted('id'):
            exhibits += [
                (f'{suspension.reason}: {one.name}', env._("That days do not count"), one.name, one.raw or b'')
                for one in suspension.document_ids.sorted('id')
            ]
        return exhibits


class FulfilmentBreach(models.Model):
    _inherit = 'fulfilment.breach'

    can_bundle = fields.Boolean(compute='_compute_can_bundle')

    @api.depends('contract_id')
    @api.depends_context('uid')
    def _compute_can_bundle(self):
        for case in self:
            case.can_bundle = bool(case.id and case.contract_id) and case.contract_id._may_bundle()

    def action_make_evidence(self):
        """Make the bundle of evidence of the case and download it."""
        self.ensure_one()
        self.check_access('read')
        return self.contract_id._make_evidence(self.sudo())  # safe: the right to read the case was checked


def _pages(content):
    """Return how many pages a document has, as a text; a dash where that cannot be told."""
    if not content.startswith(b'%PDF'):
        return '–'
    try:
        return str(len(PdfReader(BytesIO(content), strict=False).pages))
    except Exception:  # whatever is wrong with a file that somebody sent, it is evidence all the same
        return '–'
