import re
from collections import Counter

import polib
from lxml import etree

from odoo.modules.module import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open, file_path
from odoo.tools.translate import TranslationModuleReader

from .common import TODAY, FulfilmentCommon

ADDON = 'fulfilment_crm'
REMEDY = "run ./dev i18n and translate the empty terms of zh_CN.po"

# %(name)s and %s of Python, {{ … }} of mail templates, {key} of clauses, tags of views and mails
NAMED = re.compile(r'%\(\w+\)[a-z]|(?<!\{)\{\w+\}(?!\})')
COUNTED = re.compile(r'%(?:%|[sd](?![a-z]))|\{\{.*?\}\}|</?[a-zA-Z][^>]*>')


def marks(text):
    """What a translation must share with its source: named placeholders, and how often each other one comes."""
    return set(NAMED.findall(text)), Counter(COUNTED.findall(text))


def listed(terms):
    return ''.join(f'\n  {term!r}' for term in sorted(terms))


@tagged('post_install', '-at_install')
class TestTranslationFiles(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = polib.pofile(file_path(f'{ADDON}/i18n/{ADDON}.pot'))
        cls.chinese = polib.pofile(file_path(f'{ADDON}/i18n/zh_CN.po'))

    def test_words_of_two_meanings(self):
        """Odoo keeps one translation a word: what stands in two places was read by eye and means the same in both.

        A word that is new here: look at its places in the .pot file. If they mean the same, add it to words_read.txt; if not, give one of
        them another English word.
        """
        with file_open(f'{ADDON}/tests/words_read.txt') as source:
            read = {line.rstrip('\n').replace('\\n', '\n') for line in source}
        twice = {
            entry.msgid for entry in self.template
            if len(entry.msgid) <= 40 and len({place for place, _line in entry.occurrences}) > 1
        }
        self._assert_none(twice - read, "Words in more than one place that nobody has read by eye")

    def test_words_that_had_two_meanings(self):
        """What was wrong once: words whose one translation was right in one of their places only."""
        chinese = {entry.msgid: entry.msgstr for entry in self.chinese}
        for word, meant in {
            'Key': '重点客户', 'Parameter key': '参数键', 'Accept': '验收合格', 'Accept the risk': '接受风险', 'Close': '关闭',
            'Closed': '归档',
            'When': '时间', 'Buying rhythm': '购买节奏', 'Left of the budget': '预算余额', 'Customer file': '客户资料', 'Sales': '销售',
            'Revenue': '营业收入', 'Stop': '停止', 'Stop new orders': '停单', 'Asked of': '承担人', 'Declined': '未批准', 'Rank': '排名',
            'Received': '已收到', 'Received on': '收到时间', 'Follow-up': '回访', 'Follow-up ticket': '后续工单', 'Month': '月',
            'Year': '年',
        }.items():
            with self.subTest(word=word):
                self.assertEqual(chinese[word], meant)

    def _assert_none(self, terms, what):
        if terms:
            self.fail(f"{what}; {REMEDY}:{listed(terms)}")

    def _demo_xmlids(self):
        """External ids of the sample data, which is not translated."""
        xmlids = set()
        for name in Manifest.for_addon(ADDON)['demo']:
            with file_open(f'{ADDON}/{name}', 'rb') as source:
                xmlids.update(f'{ADDON}.{element.get("id")}' for element in etree.parse(source).iter('record', 'template', 'menuitem'))
        return xmlids

    def _exported(self):
        """The terms of the addon as it is installed here, as Odoo's own export finds them."""
        self.env.flush_all()
        demo = self._demo_xmlids()
        return {
            source for module, _kind, _name, res_id, source, _value, _comments in TranslationModuleReader(self.env.cr, modules=[ADDON])
            if module == ADDON and res_id not in demo
        }

    def test_template_is_up_to_date(self):
        exported, known = self._exported(), {entry.msgid for entry in self.template}
        self.assertGreater(len(exported), 500, "the export found next to nothing: this test would say nothing")
        self._assert_none(exported - known, f"Terms that {ADDON}.pot lacks")
        self._assert_none(known - exported, f"Terms of {ADDON}.pot that are gone")

    def test_chinese_is_complete(self):
        known = {entry.msgid for entry in self.template}
        translated = {entry.msgid for entry in self.chinese if entry.msgstr.strip() and not entry.obsolete and not entry.fuzzy}
        self._assert_none(known - translated, "Terms without a Chinese translation")

    def test_chinese_has_nothing_stale_or_double(self):
        known = {entry.msgid for entry in self.template}
        count = Counter(entry.msgid for entry in self.chinese)
        self._assert_none(count.keys() - known, f"Terms of zh_CN.po that {ADDON}.pot does not have")
        self._assert_none({msgid for msgid, times in count.items() if times > 1}, "Terms that stand in zh_CN.po twice")

    def test_placeholders_agree(self):
        wrong = [
            f'{entry.msgid!r}\n    -> {entry.msgstr!r}' for entry in self.chinese
            if entry.msgstr and marks(entry.msgid) != marks(entry.msgstr)
        ]
        self.assertFalse(wrong, "Placeholders or tags differ between source and translation:\n" + '\n'.join(wrong))

    def test_marks_are_seen(self):
        source = 'From %(day)s: {key} 5 %% of {{ object.name }} <b>now</b> %s'
        for broken in (
            source.replace('%(day)s', '%(date)s'), source.replace('{key}', ''), source.replace('%%', '%'), source.replace('%s', ''),
            source.replace('object.name', 'object.title'), source.replace('</b>', ''),
        ):
            self.assertNotEqual(marks(source), marks(broken))
        self.assertEqual(marks(source), marks('%s <b>{key}</b> {key} {{ object.name }} %(day)s %%'))

    def test_chinese_header(self):
        self.assertEqual(self.chinese.metadata['Language'], 'zh_CN')
        self.assertIn('nplurals=1', self.chinese.metadata['Plural-Forms'])


@tagged('post_install', '-at_install')
class TestChinese(FulfilmentCommon):
    """What a Chinese customer reads is Chinese."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('zh_CN')
        cls.env['ir.module.module']._load_module_terms([ADDON], ['zh_CN'])
        cls.contact.lang = 'zh_CN'
        cls.contract = cls._make_contract('active', partner_id=cls.contact.id)
        cls.milestone = cls._make_milestone(cls.contract, 3, kind='payment', obligor='customer', amount=500.0)

    def test_states_of_the_life_cycle(self):
        labels = dict(self.env['fulfilment.contract'].with_context(lang='zh_CN')._fields['state']._description_selection(
            self.env(context={'lang': 'zh_CN'}),
        ))
        self.assertEqual(
            [labels[state] for state in ('draft', 'in_approval', 'active', 'settlement', 'closed')],
            ['起草', '审批中', '履行中', '结算', '归档'],
        )

    def test_messages_name_models_in_the_language_of_the_user(self):
        milestone = self.milestone.with_user(self.user_sales).with_context(lang='zh_CN')
        with self.assertRaisesRegex(Exception, '履约节点不能修改'):
            milestone.amount = 600.0

    def test_mails_are_rendered_in_chinese(self):
        template_xmlids = ('mail_template_reminder', 'mail_template_overdue', 'mail_template_expiry')
        rule = self.env.ref('fulfilment_crm.rule_milestone_m3')
        reminder = self.env['fulfilment.reminder'].sudo().create({
            'claim_key': 'test', 'rule_id': rule.id, 'company_id': self.contract.company_id.id, 'contract_id': self.contract.id,
            'milestone_id': self.milestone.id, 'due_date': self.milestone.date_planned, 'partner_id': self.contact.id,
            'audience': 'customer', 'channel': 'email', 'state': 'open', 'as_of': TODAY,
        })
        for xmlid in template_xmlids:
            template = self.env.ref(f'{ADDON}.{xmlid}')
            self.assertIn('您好', template.with_context(lang='zh_CN').body_html, f"{xmlid} is not translated")
            values = template._generate_template(reminder.ids, ('body_html', 'subject'))[reminder.id]
            self.assertIn('还有3天', values['body_html'])
            self.assertIn('还有3天', values['subject'])
            self.assertIn('Lin Wei', values['body_html'])
            self.assertNotIn('Dear', values['body_html'])
