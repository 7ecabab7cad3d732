"""The harness itself: a server that answers both APIs, and processes that die when told to."""

import time

from tests.harness import OutsideCase, RemoteError


class TestHarness(OutsideCase):
    def test_both_apis_of_a_real_server(self):
        with self.server() as server:
            client = self.json2(server)
            partners = client.call("res.partner", "search_count", domain=[])
            self.assertEqual(self.xmlrpc(server).call("res.partner", "search_count", []), partners)
            with self.assertRaises(RemoteError) as caught:
                client.call("no.such.model", "search", domain=[])
            self.assertEqual(caught.exception.status, 404)
        self.assertIsNotNone(server.process.poll())

    def test_killed_script_leaves_nothing(self):
        code = "env['res.partner'].create({'name': 'Unsaved'}); env.cr.flush(); print('READY', flush=True)\nimport time; time.sleep(60)"
        with self.started_script(code) as process:
            for line in process.stdout:
                if "READY" in line:
                    break
            process.kill()
            process.wait()
        time.sleep(0.2)
        self.assertEqual(self.query("SELECT count(*) FROM res_partner WHERE name = 'Unsaved'"), [(0,)])

    def test_script_returns_its_result(self):
        self.assertEqual(self.script("result = {'company': len(env.companies)}"), {"company": 1})
