"""Programs and cards of rewards: archived, given to somebody else, not to be mailed; whose codes they are."""
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common_profile import TODAY
from .common_reward import TermsCommon


@tagged('post_install', '-at_install')
class TestRewardCards(TermsCommon):
    def _approve_all(self, grants):
        """As the whole chain would."""
        grants.approval_state = 'approved'
        grants._on_approved()

    def test_an_archived_program_gives_nothing(self):
        program = self.program.copy()
        program.active = False
        with self.assertRaisesRegex(ValidationError, 'loyalty program'):
            self._make_rule(program_id=program.id)

    def test_an_archived_card_is_used_again(self):
        profile = self._make_profile()
        self._make_rule(period='month')
        self._round()
        card = self._card(profile.partner_id)
        card.active = False
        run = self._round_without_ground(day(31))
        self.assertFalse(run.problem_ids)
        self.assertEqual((self._card(profile.partner_id), card.active, card.points), (card, True, 200))

    def test_a_card_given_to_somebody_else_is_left_alone(self):
        profile, other = self._make_profile(), self._make_customer('Other')
        self._make_rule(period='month')
        self._round()
        card = self._card(profile.partner_id)
        card.partner_id = other
        run = self._round_without_ground(day(31))
        self.assertFalse(run.problem_ids)
        self.assertEqual((card.points, self._card(profile.partner_id).points), (100, 100))

    def test_a_card_that_cannot_be_mailed_is_there_and_says_so(self):
        profile = self._make_profile(partner=self._make_customer('Known', email='known@a.example'))
        program = self.program.copy({'communication_plan_ids': [Command.create({
            'trigger': 'create', 'mail_template_id': self.env.ref('loyalty.mail_template_loyalty_card').id,
        })]})
        rule = self._make_rule(program_id=program.id, is_notified=True, period='month')

        def broken(card, force_send=False):
            if not card.env.context.get('loyalty_no_mail'):
                raise ValueError('No printer')

        with patch.object(type(self.env['loyalty.card']), '_send_creation_communication', broken):
            run = self._round()
        self.assertFalse(run.problem_ids)
        grant = self._grants(profile, rule)
        self.assertEqual((grant.state, grant.card_id.points), ('granted', 100))
        self.assertIn('No printer', grant.outcome)
        self._round_without_ground(day(31))
        self.assertFalse(self._grants(profile, rule)[-1].outcome, "mailed when it is made, not each time")

    def test_codes_are_for_those_who_sell(self):
        profile = self._make_profile()
        self._make_rule()
        self._round()
        grant = self._grants(profile).with_user(self._make_user('r_inspector', 'group_inspector'))
        self.assertNotIn('card_id', grant.read()[0])
        with self.assertRaises(AccessError):
            grant.read(['card_id'])


def day(number):
    return TODAY + timedelta(days=number)
