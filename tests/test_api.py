"""What an integration does with the JSON-2 API and an API key, from the draft to the reminder, with the rights of its user only."""

import base64
import hashlib
from datetime import date, timedelta
from xmlrpc.client import Fault

from tests.harness import RemoteError, ServedCase

USERS = {
    "api_seller": ("group_user", "sales_team.group_sale_salesman"),
    "api_leader": ("group_leader", "sales_team.group_sale_salesman"),
    "api_legal": ("group_legal",),
    "api_credit": ("group_credit",),
    "api_stranger": ("group_user", "sales_team.group_sale_salesman"),
}
SETUP = f"""
from datetime import timedelta
from odoo import fields
env.company.fulfilment_bank_account = '6222 0000 1111'
customer = env['res.partner'].create({{'name': 'API customer', 'email': 'customer@example.com', 'is_company': True}})
users, keys = env['res.users'], {{}}
for login, groups in {USERS!r}.items():
    names = ['base.group_user'] + [name if '.' in name else 'fulfilment_crm.' + name for name in groups]
    user = env['res.users'].with_context(no_reset_password=True).create({{
        'name': login, 'login': login, 'password': login, 'email': login + '@example.com',
        'group_ids': [fields.Command.set([env.ref(name).id for name in names])],
    }})
    expiry = fields.Datetime.now() + timedelta(hours=12)
    keys[login] = env['res.users.apikeys'].with_user(user).sudo()._generate('rpc', 'tests', expiry)
    users |= user
named = {{user.login: user for user in users}}
env['fulfilment.switch']._switch_all(env['res.company'].search([]))
env['crm.team'].create({{
    'name': 'API team', 'user_id': named['api_leader'].id, 'member_ids': [fields.Command.set(named['api_seller'].ids)],
}})
env.cr.commit()
result = {{
    'keys': keys, 'customer': customer.id, 'type': env.ref('fulfilment_crm.contract_type_product_sale').id,
    'template': env.ref('fulfilment_crm.contract_template_product_sale').id,
}}
"""
REMIND = """
env['fulfilment.reminder']._cron_reminders(as_of=fields.Date.to_date({day!r}))
result = True
"""
TODAY = date.today()
DOCUMENT = b"%PDF-1.4 the contract as it was signed"


class TestApi(ServedCase):
    SETUP = SETUP

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clients = {login: cls.client(key) for login, key in cls.world["keys"].items()}
        cls.seller = cls.clients["api_seller"]

    def refused(self, status, words, call, *arguments, **keywords):
        """Check that the call is answered by this status and a sentence that people understand."""
        with self.assertRaises(RemoteError) as caught:
            call(*arguments, **keywords)
        self.assertEqual(caught.exception.status, status, caught.exception)
        self.assertIn(words, caught.exception.told["message"])
        self.assertNotIn("Traceback", caught.exception.told["message"])

    def read(self, model, ids, *names):
        return self.seller.call(model, "read", ids=ids, fields=list(names), load=None)

    def draft(self, **values):
        """Make a contract by template, complete but not submitted."""
        create = dict(
            {
                **self.values(), "title": "Pumps", "template_id": self.world["template"],
                "date_start": str(TODAY - timedelta(days=60)), "date_end": str(TODAY + timedelta(days=300)),
                "line_ids": [[0, 0, {"name": "Pump", "quantity": 3, "price_unit": 1000.0}]],
            },
            **values,
        )
        (contract,) = self.seller.call("fulfilment.contract", "create", vals_list=[create])
        gaps = [["contract_id", "=", contract], ["role", "=", "text"], ["value_text", "in", [False, ""]]]
        parameters = self.seller.call("fulfilment.contract.clause.parameter", "search", domain=gaps)
        self.seller.call("fulfilment.contract.clause.parameter", "write", ids=parameters, vals={"value_text": "as agreed"})
        return contract

    def signed(self):
        """Make a contract signed long enough ago that its delivery is late."""
        contract = self.draft()
        self.seller.call("fulfilment.contract", "action_submit", ids=[contract])
        for login in ("api_leader", "api_legal", "api_credit"):
            self.clients[login].call("fulfilment.contract", "action_approve", ids=[contract])
        self.seller.call(
            "fulfilment.contract", "action_sign", ids=[contract], signed_by="Lin Wei", document=base64.b64encode(DOCUMENT).decode(),
            document_name="signed.pdf", date=str(TODAY - timedelta(days=40)),
        )
        return contract

    def test_from_draft_to_signature(self):
        contract = self.draft()
        (draft,) = self.read("fulfilment.contract", [contract], "name", "state", "amount_total", "clause_ids", "milestone_ids")
        self.assertEqual((draft["state"], draft["amount_total"]), ("draft", 3000.0))
        self.assertTrue(draft["clause_ids"])
        self.assertTrue(draft["milestone_ids"])
        call = self.seller.call
        self.refused(422, draft["name"], call, "fulfilment.contract", "action_sign", ids=[contract], signed_by="Lin Wei", document="UERG")
        call("fulfilment.contract", "action_submit", ids=[contract])
        self.assertEqual(self.read("fulfilment.contract", [contract], "state")[0]["state"], "in_approval")
        self.refused(403, "nobody approves their own submission", call, "fulfilment.contract", "action_approve", ids=[contract])
        legal = self.clients["api_legal"].call
        self.refused(403, "api_leader", legal, "fulfilment.contract", "action_approve", ids=[contract])
        for login in ("api_leader", "api_legal", "api_credit"):
            self.clients[login].call("fulfilment.contract", "action_approve", ids=[contract])
        (approved,) = self.read("fulfilment.contract", [contract], "state", "approval_state")
        self.assertEqual((approved["state"], approved["approval_state"]), ("approved", "approved"))
        call(
            "fulfilment.contract", "action_sign", ids=[contract], signed_by="Lin Wei", document=base64.b64encode(DOCUMENT).decode(),
            document_name="signed.pdf",
        )
        names = ("state", "signed_by", "date_signed", "signed_checksum", "signed_document")
        (signed,) = self.read("fulfilment.contract", [contract], *names)
        self.assertEqual((signed["state"], signed["signed_by"]), ("active", "Lin Wei"))
        self.assertEqual(signed["signed_checksum"], hashlib.sha256(DOCUMENT).hexdigest())
        self.assertEqual(base64.b64decode(signed["signed_document"]), DOCUMENT)

    def test_milestones(self):
        contract = self.signed()
        mine = [["contract_id", "=", contract]]
        call = self.seller.call
        names = ["kind", "days_late", "evidence"]
        rows = call("fulfilment.milestone", "search_read", domain=[*mine, ["is_late", "=", True]], fields=names, order="kind")
        # The documents go with the goods.
        self.assertEqual([(row["kind"], row["days_late"]) for row in rows], [("delivery", 10), ("document", 10)])
        late = rows[0]
        in_time = call("fulfilment.milestone", "search_count", domain=[*mine, ["is_late", "=", False]])
        self.assertEqual(in_time + 2, call("fulfilment.milestone", "search_count", domain=mine))

        self.refused(422, late["evidence"], call, "fulfilment.milestone", "action_done", ids=[late["id"]])
        evidence = {
            "name": "note.txt", "res_model": "fulfilment.milestone", "res_id": late["id"], "datas": base64.b64encode(b"delivered").decode(),
        }
        attached = call("ir.attachment", "create", vals_list=[evidence])
        call("fulfilment.milestone", "write", ids=[late["id"]], vals={"evidence_ids": [[4, attached[0]]]})
        done_on = str(TODAY - timedelta(days=2))
        call("fulfilment.milestone", "action_done", ids=[late["id"]], date=done_on, note="Received by the warehouse")
        (done,) = self.read("fulfilment.milestone", [late["id"]], "state", "date_done", "days_late", "is_late", "event_ids")
        self.assertEqual((done["state"], done["date_done"], done["days_late"], done["is_late"]), ("done", done_on, 8, False))

        (document,) = call("fulfilment.milestone", "search", domain=[*mine, ["kind", "=", "document"]])
        target = str(TODAY + timedelta(days=9))
        self.refused(422, "reason", call, "fulfilment.milestone", "action_move", ids=[document], date=target)
        call("fulfilment.milestone", "action_move", ids=[document], date=target, reason="The printer is ill")
        names = ("date_planned", "date_first_planned", "event_ids")
        (moved,) = self.read("fulfilment.milestone", [document], *names)
        self.assertEqual(moved["date_planned"], target)
        self.assertNotEqual(moved["date_first_planned"], target)
        events = self.read("fulfilment.milestone.event", moved["event_ids"], "kind", "reason", "date_to")
        self.assertIn(("moved", "The printer is ill", target), [(event["kind"], event["reason"], event["date_to"]) for event in events])

    def test_reminders(self):
        contract = self.signed()
        # The delivery is due since ten days; its 7 days' reminder falls into the time that is caught up.
        self.script("from odoo import fields\n" + REMIND.format(day=str(TODAY)))
        names = ["offset_days", "channel", "state", "reason", "due_date"]
        mine = [["contract_id", "=", contract]]
        rows = self.seller.call("fulfilment.reminder", "search_read", domain=mine, fields=names, order="offset_days")
        self.assertTrue(rows)
        self.assertIn(("email", "sent", 7), [(row["channel"], row["state"], row["offset_days"]) for row in rows])
        self.assertEqual({row["due_date"] for row in rows if row["offset_days"] == 7}, {str(TODAY - timedelta(days=10))})
        self.assertEqual(self.clients["api_stranger"].call("fulfilment.reminder", "search", domain=mine), [])
        self.refused(403, "", self.seller.call, "fulfilment.reminder", "write", ids=[rows[0]["id"]], vals={"state": "cancelled"})
        self.refused(403, "", self.seller.call, "fulfilment.reminder", "unlink", ids=[rows[0]["id"]])

    def test_what_nobody_may(self):
        contract = self.signed()
        call = self.seller.call
        for model, method, arguments in (
            ("fulfilment.contract", "_move_to", {"ids": [contract], "state": "closed"}),
            ("fulfilment.contract", "_sign", {"ids": [contract], "signed_by": "Nobody"}),
            ("fulfilment.milestone", "_complete", {"ids": [], "days": {}}),
            ("fulfilment.reminder", "_cron_reminders", {}),
            ("fulfilment.contract", "_cron_milestones", {}),
        ):
            with self.subTest(method=method):
                self.refused(403, "Private methods", call, model, method, **arguments)
        guarded = {
            "state": "closed", "approval_state": "rejected", "date_signed": str(TODAY), "signed_by": "Nobody", "signed_checksum": "0",
            "signed_document": "UERG", "signed_document_name": "other.pdf", "signature": "UERG", "renewed_from_id": contract,
        }
        for name, value in guarded.items():
            for who in ("api_seller", "api_leader"):
                with self.subTest(field=name, who=who):
                    write = self.clients[who].call
                    self.refused(403, "buttons", write, "fulfilment.contract", "write", ids=[contract], vals={name: value})
            with self.subTest(created=name):
                self.refused(403, "buttons", call, "fulfilment.contract", "create", vals_list=[self.values(**{name: value})])
        with self.subTest(default="state"):
            default = {"default_state": "active"}
            self.refused(403, "buttons", call, "fulfilment.contract", "create", vals_list=[self.values()], context=default)
        (milestone,) = call("fulfilment.milestone", "search", domain=[["contract_id", "=", contract], ["kind", "=", "payment"]])
        for name, value in {"state": "done", "date_done": str(TODAY), "amount_done": 3000.0, "date_first_planned": str(TODAY)}.items():
            with self.subTest(milestone=name):
                self.refused(403, "buttons", call, "fulfilment.milestone", "write", ids=[milestone], vals={name: value})
        for model, ids, values in (
            ("fulfilment.contract", [contract], {"amount_total": 1.0}),
            ("fulfilment.milestone", [milestone], {"date_planned": str(TODAY)}),
            ("fulfilment.milestone", [milestone], {"amount": 1.0}),
        ):
            with self.subTest(frozen=model, values=values):
                self.refused(422, "amendment", call, model, "write", ids=ids, vals=values)
        statement = "SELECT id FROM ir_attachment WHERE res_model = 'fulfilment.contract' AND res_field = 'signed_document' AND res_id = %s"
        ((stored,),) = self.query(statement, (contract,))
        for method, arguments in (("write", {"vals": {"datas": "UERG"}}), ("write", {"vals": {"res_field": False}}), ("unlink", {})):
            with self.subTest(attachment=method):
                self.refused(403, "", call, "ir.attachment", method, ids=[stored], **arguments)
        (kept,) = self.read("fulfilment.contract", [contract], "state", "signed_document", "amount_total")
        self.assertEqual((kept["state"], kept["amount_total"]), ("active", 3000.0))
        self.assertEqual(base64.b64decode(kept["signed_document"]), DOCUMENT)

    def values(self, **values):
        return {"partner_id": self.world["customer"], "type_id": self.world["type"], **values}

    def test_a_stranger_sees_nothing(self):
        contract = self.signed()
        stranger = self.clients["api_stranger"].call
        for model in ("fulfilment.contract", "fulfilment.milestone"):
            domain = [["id" if model == "fulfilment.contract" else "contract_id", "=", contract]]
            self.assertEqual(stranger(model, "search_read", domain=domain, fields=["display_name"]), [])
        self.refused(403, "", stranger, "fulfilment.contract", "read", ids=[contract], fields=["name"])
        self.refused(403, "", stranger, "fulfilment.contract", "action_terminate", ids=[contract], reason="Mine")

    def test_xmlrpc(self):
        contract = self.signed()
        client = self.xmlrpc(self.running, "api_seller", "api_seller")
        (row,) = client.call("fulfilment.contract", "search_read", [("id", "=", contract)], ["name", "state", "milestone_ids"])
        self.assertEqual(row["state"], "active")
        late = client.call("fulfilment.milestone", "search_read", [("contract_id", "=", contract), ("is_late", "=", True)], ["kind"])
        self.assertEqual({one["kind"] for one in late}, {"delivery", "document"})
        with self.assertRaises(Fault) as caught:
            client.call("fulfilment.contract", "write", [contract], {"state": "closed"})
        self.assertIn("buttons", caught.exception.faultString)
        with self.assertRaises(Fault):
            client.call("fulfilment.contract", "_move_to", [contract], "closed")
