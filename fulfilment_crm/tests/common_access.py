"""Somebody of each role beside a contract with all its parts, and what they may do with records."""
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user

from .common import FulfilmentCommon


class AccessCommon(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_portal = new_test_user(
            cls.env, 'f_portal', groups='base.group_portal', company_id=cls.company_a.id, company_ids=[Command.set(cls.company_a.ids)],
        )
        cls.user_portal.partner_id.parent_id = cls.customer
        cls.roles = {
            'portal': cls.user_portal, 'plain': cls.user_plain, 'user': cls.user_sales, 'leader': cls.user_leader,
            'manager': cls.user_manager, 'credit': cls.user_credit, 'legal': cls.user_legal, 'service': cls.user_service,
            'inspector': cls.user_inspector,
        }
        cls.contract, cls.parts = cls._make_contract_with_parts('active')

    def assertRights(self, records, user, read=True, write=None):
        """``user`` finds and reads all of the records, or none of them; the same for writing when asked."""
        seen = records.with_user(user)
        found = seen.search([('id', 'in', records.ids)]) if seen.browse().has_access('read') else seen.browse()
        self.assertEqual(set(found.ids), set(records.ids) if read else set(), f'{user.login} searches {records}')
        self.assertEqual(bool(seen.has_access('read')), read, f'{user.login} reads {records}')
        if not read:
            with self.assertRaises(AccessError):
                seen.read(['display_name'])
        if write is not None:
            self.assertEqual(seen.has_access('write'), write, f'{user.login} writes {records}')
