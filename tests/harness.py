"""What the tests from outside stand on: databases, real server processes, and clients of Odoo's APIs.

    class TestCrash(OutsideCase):
        def test_something(self):
            with self.server() as server:
                client = self.json2(server)
                client.call("res.partner", "search_count", domain=[])

Every class gets a database of its own: a copy of the one with the addon installed and no demo data.
"""

import contextlib
import json
import unittest
import urllib.error
import urllib.request
import xmlrpc.client

from devtools import odoo_process, runtime, templates
from devtools.processes import ending

API_KEY = """
from datetime import timedelta
from odoo import fields
user = env['res.users'].search([('login', '=', {login!r})])
result = env['res.users.apikeys'].with_user(user).sudo()._generate('rpc', 'tests', fields.Datetime.now() + timedelta(days=1))
env.cr.commit()
"""


class RemoteError(Exception):
    """What the server answered instead of a result."""

    def __init__(self, status, told):
        super().__init__(f"{status}: {told.get('name')}: {told.get('message')}")
        self.status, self.told = status, told


class Json2:
    """A client of /json/2 with an API key."""

    def __init__(self, url, database, key):
        self.url, self.database, self.key = url, database, key

    def call(self, model, method, ids=(), context=None, timeout=120, **arguments):
        body = {**arguments, **({"ids": list(ids)} if ids else {}), **({"context": context} if context else {})}
        request = urllib.request.Request(
            f"{self.url}/json/2/{model}/{method}",
            data=json.dumps(body).encode(),
            headers={"Authorization": f"bearer {self.key}", "Content-Type": "application/json", "X-Odoo-Database": self.database},
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            try:
                told = json.loads(text)
            except ValueError:
                told = {"name": "HTTP", "message": text[:500]}
            raise RemoteError(error.code, told if isinstance(told, dict) else {"message": told}) from error


class XmlRpc:
    """A client of /xmlrpc/2 with login and password."""

    def __init__(self, url, database, login="admin", password="admin"):
        self.database, self.password = database, password
        self.uid = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common").authenticate(database, login, password, {})
        self.models = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object", allow_none=True)

    def call(self, model, method, *arguments, **keywords):
        return self.models.execute_kw(self.database, self.uid, self.password, model, method, list(arguments), keywords)


class OutsideCase(unittest.TestCase):
    """A database of the class's own, and ways to get at it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runtime = runtime.current()
        cls.database = cls.new_database(cls.__name__.lower())

    @classmethod
    def new_database(cls, purpose, template=None):
        """Make a copy of the database with the addon, or of another template; dropped after the class."""
        name = templates.scratch(cls.runtime, template or templates.with_addon(cls.runtime), purpose)
        cls.addClassCleanup(cls.runtime.database.drop, name)
        return name

    def server(self, database=None, **options):
        """Return a real server as a context manager: `port`, `workers` and `extra_args` as in odoo_process.server."""
        return odoo_process.server(database or self.database, runtime=self.runtime, **options)

    def script(self, code, database=None, timeout=300):
        """Run Python in a process of its own with `env`; returns what it assigns to `result`. It must commit what is to stay."""
        return odoo_process.script(database or self.database, code, timeout=timeout, runtime=self.runtime)

    def started_script(self, code, database=None):
        """Start a script and return its process as a context manager, to race with it or to `.kill()` it (SIGKILL)."""
        return ending(odoo_process.start_script(database or self.database, code, runtime=self.runtime))

    def odoo(self, *arguments, database=None):
        """Run `odoo -d <database> …` to its end; returns (exit code, lines of its log)."""
        lines = []
        log = templates.cached("logs", "outside") / f"{database or self.database}.log"
        code = odoo_process.run(["-d", database or self.database, *arguments], log, lines.append, self.runtime)
        return code, lines

    def query(self, statement, values=(), database=None):
        """Plain SQL on a connection of its own."""
        return self.runtime.database.query(statement, values, name=database or self.database)

    def json2(self, server, login="admin"):
        key = self.script(API_KEY.format(login=login), database=server.database)
        return Json2(server.url, server.database, key)

    def xmlrpc(self, server, login="admin", password="admin"):
        return XmlRpc(server.url, server.database, login, password)


class ServedCase(OutsideCase):
    """One server for all tests of the class, on a world that ``SETUP`` makes: ``world`` is what the script put into ``result``."""

    SETUP = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world = odoo_process.script(cls.database, cls.SETUP, runtime=cls.runtime)
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        cls.running = stack.enter_context(odoo_process.server(cls.database, runtime=cls.runtime))

    @classmethod
    def client(cls, key):
        """Return the JSON-2 API with a key."""
        return Json2(cls.running.url, cls.database, key)
