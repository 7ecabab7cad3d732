"""The rules of the house (doc/design.md, doc/adding_things.md), checked."""
import re
from collections import Counter
from pathlib import Path

from odoo import SUPERUSER_ID, fields
from odoo.models import MAGIC_COLUMNS
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools.misc import file_path

from ..wizard.base.reason import METHODS

ROOT = Path(file_path('fulfilment_crm/__manifest__.py')).parent
# Asks which documents were written since, where the day is of no matter.
UTC_DAY = {'models/profile/engine.py'}
# Where hand-written SQL may stand: where figures are made, where they are judged for all customers at once, where the start page
# puts the ORM's own searches into one statement, where what happens is noted by one statement, where rows are claimed, and in reports.
SQL_ALLOWED = re.compile(r"""
    models/(?:profile/.*|\w+/figures|credit/(?:scoring|judging|preview)|value/(?:cross_sell|churn)|warning/(?:watching|warning_replay)
    |base/(?:counting|event|claim))\.py | (?:report|migrations)/.*
""", re.VERBOSE)


@tagged('post_install', '-at_install')
class TestHouseRules(TransactionCase):

    def _models(self):
        return [
            self.env[name] for name in self.env.registry if name.startswith('fulfilment.') and not self.env[name]._abstract
        ]

    def test_every_model_has_access_lines_and_a_description(self):
        covered = set(self.env['ir.model.access'].search([]).model_id.mapped('model'))
        for model in self._models():
            with self.subTest(model=model._name):
                self.assertIn(model._name, covered)
                self.assertNotEqual(model._description, model._name)

    def test_what_nobody_may_make_takes_no_defaults_of_a_call(self):
        made = self.env['ir.model.access'].search([('perm_create', '=', True), ('active', '=', True)]).model_id.mapped('model')
        for model in self._models():
            if model._auto and not model._transient and model._name not in made:
                brought = {
                    name: {'char': 'x', 'text': 'x'}.get(field.type, 1) for name, field in model._fields.items()
                    if field.store and name not in MAGIC_COLUMNS and not name.startswith(('message_', 'activity_', 'rating_'))
                    and field.type in ('char', 'text', 'integer', 'float', 'monetary', 'boolean')
                }
                call = model.sudo().with_context(**{f'default_{name}': value for name, value in brought.items()})
                taken, own = (
                    {name: value for name, value in one.default_get([*brought]).items() if value} for one in (call, model.sudo())
                )
                with self.subTest(model=model._name):
                    self.assertEqual(taken, own)

    def test_what_is_made_in_a_name_takes_no_defaults_of_its_owner(self):
        user = new_test_user(self.env, 'h_maker', groups='base.group_user')
        for model_name in (
            'mail.mail', 'mail.message', 'mail.activity', 'survey.user_input', 'ir.attachment', 'res.users', 'res.partner', 'account.move',
            'account.payment', 'payment.transaction', 'sale.order', 'loyalty.card', 'calendar.event',
        ):
            model = self.env[model_name].with_user(user)
            simple = {
                name: {'char': 'x', 'text': 'x'}.get(field.type, True) for name, field in model._fields.items()
                if field.store and name not in MAGIC_COLUMNS and field.type in ('char', 'text', 'boolean')
            }
            for name, value in simple.items():
                self.env['ir.default'].with_user(user).set(model_name, name, value, user_id=True)
            with self.subTest(model=model_name):
                taken = model.sudo().default_get([*simple])
                self.assertEqual([name for name, value in taken.items() if value == 'x'], [])
                self.assertEqual(taken.keys(), self.env[model_name].with_user(SUPERUSER_ID).sudo().default_get([*simple]).keys())

    def test_every_model_with_a_company_has_a_company_rule(self):
        for model in self._models():
            if 'company_id' in model._fields and not model._transient and model._name != 'fulfilment.delegation':
                rules = self.env['ir.rule'].search([('model_id.model', '=', model._name), ('groups', '=', False)])
                with self.subTest(model=model._name):
                    self.assertTrue(rules.filtered(lambda rule: 'company_id' in (rule.domain_force or '')))

    def test_scheduled_actions_call_a_cron_method(self):
        crons = self.env['ir.cron'].with_context(active_test=False).search([('model_id.model', '=like', 'fulfilment.%')])
        self.assertTrue(crons)
        for cron in crons:
            name = re.fullmatch(r'model\.(_cron_\w+)\(\)', cron.code).group(1)
            self.assertTrue(hasattr(self.env[cron.model_id.model], name))

    def test_every_cron_method_belongs_to_the_day(self):
        crons = self.env['ir.cron'].with_context(active_test=False).search([('model_id.model', '=like', 'fulfilment.%')])
        scheduled = {(cron.model_id.model, cron.code[6:-2]) for cron in crons}
        self.assertEqual(scheduled, set(self.env['fulfilment.run']._day_actions()))

    def test_every_key_has_its_method(self):
        for model, field, prefixes in (
            ('fulfilment.reminder.rule', 'channel', ('_remind_',)), ('fulfilment.collection.step', 'channel', ('_dun_by_',)),
            ('fulfilment.amendment.line', 'kind', ('_apply_',)),
            ('fulfilment.credit.rule', 'kind', ('_hit_',)),
            ('fulfilment.reward.grant', 'effect', ('_effect_', '_take_back_', '_words_', '_missing_')),
        ):
            records = self.env['fulfilment.reminder' if field == 'channel' else model]
            for key in dict(self.env[model]._fields[field]._description_selection(self.env)):
                for prefix in (*prefixes, *(('_move_',) if field == 'effect' and key in records._timed_effects() else ())):
                    self.assertTrue(hasattr(records, prefix + key), f'“{key}” of {model}.{field} has no method {prefix}{key}')

    def test_every_figure_has_one_source_and_says_what_it_is(self):
        """A figure is a field of one file with one column in that file's SELECT."""
        profile = self.env['fulfilment.profile']
        scope = profile._scope(self.env.company, fields.Date.today())
        facts, derived = {name: select(scope) for name, select in profile._facts().items()}, profile._derived(scope)
        self.assertEqual(set(derived), set(profile._figures_of('derived')))
        for name, field in profile._figures().items():
            with self.subTest(figure=name):
                self.assertIn(field.facts, {*facts, 'derived', 'ranking'})
                if field.facts in facts:
                    written = re.search(rf'\b{name}\b', facts[field.facts].code)
                    self.assertTrue(written, f'the SELECT of “{field.facts}” has no column {name}')
                if field.facts in ('payments', 'derived', 'uninvoiced', 'milestones', 'ranking') and field.type != 'date':
                    self.assertTrue(field.help or field.string, name)
        self.assertEqual(set(self.env['fulfilment.profile.history']._figures()), set(profile._figures()))

    def test_moves_are_told_for_every_state(self):
        flows = [model for model in self._models() if hasattr(model, '_moves')]
        self.assertGreaterEqual(len(flows), 7)
        for model in flows:
            states = set(dict(model._fields[model._flow]._description_selection(self.env)))
            with self.subTest(model=model._name):
                self.assertEqual(set(model._moves), states, f'_moves of {model._name} and the choices of its field {model._flow} differ')
                self.assertLessEqual(set().union(*model._moves.values()), states)
                self.assertFalse([state for state, after in model._moves.items() if state in after])

    def test_something_reads_every_field(self):
        """What is shown or stored is read by something: code, a view, a report or a script names it besides its definition."""
        words = Counter()
        for path in ROOT.rglob('*'):
            inside = path.relative_to(ROOT).as_posix()
            elsewhere = ('tests/', 'static/tests/', 'migrations/', 'i18n/', 'demo/')
            if path.suffix in ('.py', '.xml', '.js') and not inside.startswith(elsewhere):
                words.update(re.findall(r'[A-Za-z_][A-Za-z0-9_]*', path.read_text()))
        ours = {
            name for model in self.env.registry.values() for name, field in model._fields.items()
            if 'fulfilment_crm' in field._modules and (model._name.startswith('fulfilment.') or name.startswith('fulfilment_'))
        }
        inherited = set(self.env['mail.thread']._fields) | set(self.env['mail.activity.mixin']._fields) | set(MAGIC_COLUMNS)
        self.assertEqual({name for name in ours - inherited if words[name] < 2 and name.rsplit('_', 1)[0] not in self._figures()}, set())

    def _figures(self):
        """Columns of month ends take their names from figures and changes."""
        return {name for model in ('fulfilment.profile', 'fulfilment.profile.history') for name in self.env[model]._fields}

    def test_every_action_that_asks_for_a_reason_is_known_to_the_dialog(self):
        asking = {name for path in ROOT.rglob('models/**/*.py') for name in re.findall(r"_ask_reason\('(\w+)'", path.read_text('utf8'))}
        self.assertTrue(asking)
        self.assertLessEqual(asking, set(METHODS))

    def test_sources(self):
        faults = []
        for path in sorted(ROOT.rglob('*.py')):
            name, text = str(path.relative_to(ROOT)), path.read_text(encoding='utf8')
            if name.startswith(('tests/', 'demo/')):
                continue
            faults += [f'{name}: {word}' for word in ('_sql_constraints', 'cr.commit()', 'odoo.orm') if word in text]
            if not SQL_ALLOWED.fullmatch(name) and re.search(r'\bSQL\(|cr\.execute\(', text):
                faults.append(f'{name}: hand-written SQL')
            if re.search(r'Date\.today\(\)|\b(now|_on)(\(\))?\.date\(\)', text) and name not in UTC_DAY:
                faults.append(f'{name}: the day in UTC, where that of the company or the reader is meant')
            if re.search(r"\bactivity_schedule\(\s*(?!\s|'mail\.)", text):
                faults.append(f'{name}: a kind of to-do of ours, which _fulfilment_give gives on any model')
            if name.startswith('models/') and re.search(r'\bMarkup\b', text):
                faults.append(f'{name}: HTML, which tools/markup.py writes')
            lines = text.splitlines()
            faults += [
                f'{name}:{number + 1}: sudo() without saying why it is safe' for number, line in enumerate(lines)
                if '.sudo()' in line and not any('safe:' in near for near in lines[max(number - 12, 0):number + 1])
            ]
        for path in sorted(ROOT.rglob('*.xml')):
            if re.search(r'<tree|kanban-box', path.read_text(encoding='utf8')):
                faults.append(f'{path.name}: views of older versions')
        self.assertFalse(faults, '\n' + '\n'.join(faults))

    def test_no_room_leaves_its_shelf(self):
        """The same room names in models, views, data and tests."""
        rooms = {path.name for path in (ROOT / 'models').iterdir() if path.is_dir() and not path.name.startswith('_')}
        for shelf in ('views', 'data'):
            found = {path.name for path in (ROOT / shelf).iterdir() if path.is_dir()}
            self.assertLessEqual(found, rooms, shelf)
