"""Proof: bundles a stranger checks offline, chains that are looked at every night, codes of documents."""
import base64
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from odoo import SUPERUSER_ID, api
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..models.breach.document import MOST_GUESSES
from ..report.breach import check_bundle
from ..tools.bundle import pack
from .common_breach import BreachCommon, day


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestProof(BreachCommon, HttpCase):

    def _contract(self):
        contract = self._agreed(
            {'damages_rate': 0.05}, {'amount': 200_000, 'days': 0}, {'kind': 'delivery', 'obligor': 'us', 'days': 5, 'amount': 10},
        )
        delivery = contract.milestone_ids.filtered(lambda one: one.kind == 'delivery')
        delivery.evidence_ids = self.env['ir.attachment'].create({'name': 'Delivery note.txt', 'raw': b'Received'})
        delivery.action_done(date=day(5))
        case = self.env['fulfilment.breach'].create({
            'contract_id': contract.id, 'cause_id': self.env.ref('fulfilment_crm.breach_cause_payment_late').id,
            'evidence_ids': [Command.create({'name': '违约 letter.txt', 'raw': b'We do not pay'})],
        })
        notice = self.env['fulfilment.notice'].create({'breach_id': case.id, 'date': day(20)})
        notice.action_issue()
        notice.proof_ids = self._paper()
        notice.action_delivered(date=day(22), proof='Receipt')
        self._accrued(contract, 45)
        self.settle()
        return contract, case

    def _bundle(self, record, user=None):
        self.settle()
        record.with_user(user or self.legal).action_make_evidence()
        evidence = self.env['fulfilment.evidence'].sudo().search([], limit=1)
        return base64.b64decode(evidence.file), evidence

    def _run(self, content):
        """What the script inside says, run as a stranger would: ``(exit code, text)``."""
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                archive.extractall(folder)
            done = subprocess.run(
                [sys.executable, '-I', str(Path(folder) / 'check.py')], capture_output=True, text=True, cwd='/', check=False, timeout=60,
            )
        return done.returncode, done.stdout

    def _files(self, content):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def _zip(self, files):
        output = io.BytesIO()
        with zipfile.ZipFile(output, 'w') as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return output.getvalue()

    # === BUNDLES === #

    def test_a_stranger_checks_a_bundle(self):
        contract, case = self._contract()
        content, evidence = self._bundle(contract)
        self.assertEqual(evidence.user_id, self.legal)
        files = self._files(content)
        self.assertTrue({'exhibits.pdf', 'events.json', 'check.py', 'README.txt', 'manifest.json', 'facts/damages.json'} <= files.keys())
        self.assertEqual(len([name for name in files if name.startswith('documents/')]), 4, "delivery note, letter, notice, receipt")
        self.assertTrue(files['exhibits.pdf'].startswith(b'%PDF'))
        self.assertIn(b'4,500.00', files['facts/calculation.txt'].replace(b'\xc2\xa0', b' '))
        code, said = self._run(content)
        self.assertEqual((code, 'every event is as it was sealed' in said), (0, True), said)
        [name] = [one for one in files if 'letter' in one]
        code, said = self._run(self._zip({**files, name: files[name][:-1] + b'X'}))
        self.assertEqual((code, said.strip()), (1, f'{name} is not as it was packed'), "one flipped byte names the file")
        code, said = self._run(self._zip({key: value for key, value in files.items() if key != name}))
        self.assertIn(f'{name} is missing', said)
        code, said = self._run(self._zip({**files, 'documents/99-more.txt': b'x'}))
        self.assertIn('documents/99-more.txt was added', said)
        self.assertTrue(self._bundle(case, self.seller)[1].breach_id)

    def test_changed_events_are_named_by_number(self):
        contract, _case = self._contract()
        files = self._files(self._bundle(contract)[0])
        chain = json.loads(files['events.json'])
        self.assertGreater(len(chain['events']), 3)

        def said(**changed):
            return check_bundle.check_events({'events.json': json.dumps({**chain, **changed})})

        self.assertEqual(said(), [])
        events = chain['events']
        other = {**events[1], 'content': events[1]['content'].replace('"author"', '"autor"')}
        self.assertTrue(said(events=[events[0], other, *events[2:]])[0].startswith('event 2 '))
        self.assertTrue(said(events=[*events[:2], *events[3:]])[0].startswith('event 3 '), "one taken out")
        self.assertTrue(said(events=[*events[:2], events[1], *events[2:]])[0].startswith('event 3 '), "one put in")
        self.assertTrue(said(events=events[:-1])[0].startswith(f'event {len(events)} '), "the last taken out")

    def test_two_bundles_of_one_state_are_the_same(self):
        contract, case = self._contract()
        self.assertEqual(self._bundle(contract)[0], self._bundle(contract)[0])
        before = self._bundle(contract)[0]
        case.description = 'More'
        self.assertNotEqual(self._bundle(contract)[0], before)
        self.assertEqual(pack('x', {'b': b'2', 'a': b'1'}), pack('x', {'a': b'1', 'b': b'2'}))

    def test_bundles_are_for_who_answers_for_the_contract(self):
        contract, case = self._contract()
        self.env['fulfilment.counsel.note'].with_user(self.legal).create({
            'step_id': self.env['fulfilment.legal.step'].create({'breach_id': case.id}).id, 'text': 'We may lose',
        })
        for content in self._files(self._bundle(contract)[0]).values():
            self.assertNotIn(b'We may lose', content)
        stranger = self._make_person('b_stranger', 'user')
        with self.assertRaises(AccessError):
            contract.with_user(stranger).action_make_evidence()
        self.assertFalse(self.env['fulfilment.evidence'].with_user(stranger).search([('contract_id', '=', contract.id)]))
        inspector = self._make_person('b_inspector', 'inspector')
        with self.assertRaises(AccessError):
            contract.with_user(inspector).action_make_evidence()
        self.assertTrue(self.env['fulfilment.evidence'].with_user(inspector).search([('contract_id', '=', contract.id)]).file)

    # === CHAINS === #

    def _verify(self):
        self.settle()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})['fulfilment.event']._cron_verify()
        self.env.invalidate_all()

    def test_a_broken_chain_is_told_once(self):
        contract, _case = self._contract()
        self.company.fulfilment_manager_id = self._make_person('b_manager', 'manager')
        contract.sudo()._seal_events()
        self._verify()
        self.assertFalse(contract.broken_event)
        event = self.env['fulfilment.event'].sudo().search([('contract_id', '=', contract.id), ('sequence', '=', 2)])
        self.env.cr.execute("UPDATE fulfilment_event SET author = 'Somebody else' WHERE id = %s", [event.id])
        self._verify()
        self._verify()
        self.assertEqual(contract.broken_event, 2)
        told = contract.activity_ids.filtered(lambda one: one.user_id == self.company.fulfilment_manager_id)
        self.assertEqual(len(told), 1)

    def test_merging_and_archiving_breaks_no_chain(self):
        contract, _case = self._contract()
        contract.sudo()._seal_events()
        other = self.env['res.partner'].create({'name': 'The same', 'email': self.partner_a.email, 'is_company': True})
        self.env['base.partner.merge.automatic.wizard'].sudo()._merge([self.partner_a.id, other.id], other)
        self.seller.sudo().active = False
        self.settle()
        self.assertEqual(self.env['fulfilment.event']._verify(contract), {contract: None})
        content, _evidence = self._bundle(contract)
        self.assertEqual(self._run(content)[0], 0)

    # === CODES === #

    def _ask(self, code, files=None):
        page = self.url_open('/fulfilment/check').text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        return self.url_open('/fulfilment/check', data={'csrf_token': token, 'code': code}, files=files).text

    def test_the_public_page_says_what_is_known_of_a_code(self):
        _contract, case = self._contract()
        notice = case.notice_ids
        code = self.env['fulfilment.document']._code_of(notice)
        self.assertEqual(self.env['fulfilment.document']._code_of(notice), code, "one code a document")
        self.assertIn('-'.join(code[place:place + 4] for place in range(0, 16, 4)), notice._code_line())
        document = base64.b64decode(notice.document)
        self.assertIn(code[:4].encode(), document, "the paper carries it")
        self.env.flush_all()
        said = self._ask(code.lower())
        self.assertIn('Issued by us', said)
        for secret in (notice.name, case.name, self.partner_a.name, 'Paid late'):
            self.assertNotIn(secret, said)
        self.assertIn('The file is unchanged', self._ask(code, {'document': ('n.pdf', document)}))
        self.assertIn('not the one we issued', self._ask(code, {'document': ('n.pdf', document + b' ')}))
        self.assertIn('not a document of ours', self._ask('A' * 16))

    def test_a_contract_that_was_amended_since(self):
        contract, _case = self._contract()
        code = self.env['fulfilment.document']._code_of(contract)
        amendment = self.env['fulfilment.amendment'].create({
            'contract_id': contract.id, 'reason': 'Agreed', 'date_effective': day(30),
            'line_ids': [Command.create({'kind': 'contract_amount', 'value_amount': 5})],
        })
        amendment.action_submit()
        amendment._apply_due(day(30))
        self.env.flush_all()
        self.assertIn('Superseded by amendment 1', self._ask(code))

    def test_guessing_is_throttled_and_tells_nothing(self):
        answers = {self._ask(f'WRNG{number:012d}'.replace('0', '2').replace('1', '3')) for number in range(3)}
        self.assertTrue(all('not a document of ours' in one for one in answers))
        guesses = self.env['fulfilment.document.guess']
        for _number in range(MOST_GUESSES):
            guesses.sudo()._count_guess('127.0.0.1')
        self.env.flush_all()
        contract, _case = self._contract()
        code = self.env['fulfilment.document']._code_of(contract)
        self.env.flush_all()
        said = self._ask(code)
        self.assertIn('Too many tries', said)
        self.assertNotIn('Issued by us', said, "nor is a right code told then")
