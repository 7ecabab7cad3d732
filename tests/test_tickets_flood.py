"""Two hundred tickets of one portal user within a minute, several at the same instant: exactly the limit comes through."""

import http.cookiejar
import re
import threading
import urllib.error
import urllib.parse
import urllib.request

from tests.harness import OutsideCase

LIMIT, TRIES, CLIENTS = 10, 200, 4
WORLD = f"""
env.company.fulfilment_ticket_flood = {LIMIT}
customer = env['res.partner'].create({{'name': 'Customer', 'is_company': True}})
for login in ('flood', 'calm'):
    contact = env['res.partner'].create({{'name': login, 'email': login + '@example.com', 'parent_id': customer.id}})
    env['res.users'].with_context(no_reset_password=True).create({{
        'name': login, 'login': login, 'password': login, 'partner_id': contact.id,
        'group_ids': [(6, 0, [env.ref('base.group_portal').id])],
    }})
env.cr.commit()
result = True
"""
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """A browser with cookies, logged in on the portal."""

    def __init__(self, url, database, login):
        self.url, self.opener = url, urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.get(f"/web/login?db={database}")
        self.post("/web/login", "/web/login", login=login, password=login)

    def get(self, path):
        with self.opener.open(self.url + path, timeout=120) as response:
            return response.read().decode()

    def post(self, page, path, **values):
        values["csrf_token"] = TOKEN.search(self.get(page)).group(1)
        try:
            with self.opener.open(self.url + path, urllib.parse.urlencode(values).encode(), timeout=120) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code

    def send(self):
        return self.post("/my/fulfilment/tickets/new", "/my/fulfilment/tickets/new", title="Flood", description="Water")


class TestTicketsFlood(OutsideCase):
    at_the_same_instant = True

    def test_exactly_the_limit(self):
        self.script(WORLD)
        with self.server() as server:
            visitors = [Visitor(server.url, self.database, "flood") for _number in range(CLIENTS)]
            codes = []

            def pour(visitor):
                codes.extend(visitor.send() for _number in range(TRIES // CLIENTS))

            threads = [threading.Thread(target=pour, args=(visitor,)) for visitor in visitors]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(codes.count(200), LIMIT)
            self.assertEqual(codes.count(429), TRIES - LIMIT, sorted(set(codes)))
            self.assertEqual(Visitor(server.url, self.database, "calm").send(), 200)
        tickets = self.query("SELECT count(*) FROM fulfilment_ticket WHERE origin = 'portal'")
        self.assertEqual(tickets, [(LIMIT + 1,)])
        self.assertEqual(self.query("SELECT number, refused FROM fulfilment_ticket_sender ORDER BY refused DESC LIMIT 1"), [(10, 190)])
