from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from ..base.binding import binding
from .ranking import RANKING
from .scope import MONEY_JOURNALS, Scope

DIMENSIONS = ('partner_id', 'company_id', 'user_id')
SLICE = 5000  # customers written in one transaction
MANY = 1000  # customers from which on a statement is given more memory
NAMED = 100  # customers up to which their contacts are named in the statement
FEW = 20  # customers up to which planning the statement takes longer than doing it
CLOCK = SQL("clock_timestamp() AT TIME ZONE 'UTC'")  # to the microsecond, also within one transaction
# SELECTs that say something about customers whom no fact need speak of: they give nobody a profile, and hold for those without facts.
SILENT = ('file', 'before')
NOBODY = SQL("SELECT NULL::int WHERE FALSE")


class FulfilmentProfileMixin(models.AbstractModel):
    """How the SELECTs of the files of facts become one."""
    _inherit = 'fulfilment.profile.mixin'

    @api.model
    def _scope(self, company, day, partners=None):
        """:rtype: Scope"""
        root = company.root_id
        return Scope(
            company=root, day=day, now=day >= root._fulfilment_today()[root], partner_ids=None if partners is None else tuple(partners.ids),
            contact_ids=self._contact_ids(partners) if partners is not None and len(partners) <= NAMED else None, **self._places(root.id),
        )

    @api.model
    def _contact_ids(self, partners):
        """Return the ids of the contacts of commercial partners, archived ones too, and of themselves."""
        return tuple(contact_id for [contact_id] in self.env.execute_query(SQL(
            "SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)", list(partners.ids),
        )))

    @api.model
    @ormcache('root_id')
    def _places(self, root_id):
        """Return what hardly ever changes and every statement asks for: branches, receivable accounts, journals of money and of sales."""
        # safe: ids, to say which documents count
        env = binding(self).with_context(active_test=False).env
        journals = env['account.journal'].search([]).grouped('type')
        return {
            'companies': tuple(env['res.company'].search([('id', 'child_of', root_id)]).ids),
            'accounts': tuple(env['account.account'].search([('account_type', '=', 'asset_receivable')]).ids),
            'money_journals': tuple(journal.id for kind in MONEY_JOURNALS for journal in journals.get(kind, ())),
            'sale_journals': tuple(journals['sale'].ids) if 'sale' in journals else (),
        }

    @api.model
    def _select(self, scope, known=NOBODY, past=False):
        """One row a customer with every figure but the rankings.

        :param Scope scope: whose figures, of which company, as of which day
        :param SQL known: partners that get a row even if they have no facts any more, with all figures empty
        :param bool past: leave out what can only be told for today
        """
        facts = {name: select(scope) for name, select in self._facts().items()}
        derived = self._derived(scope)
        grounds = [name for name in facts if name not in SILENT]
        columns = []
        for name, field in self._figures().items():
            if field.facts == RANKING or (past and not field.past) or field.facts not in (*facts, 'derived'):
                value = SQL("NULL")
            else:
                value = derived[name] if field.facts == 'derived' else SQL.identifier(field.facts, name)
                if field.facts not in ('file', 'derived') and field.total:
                    value = SQL("COALESCE(%s, 0)", value)
                value = SQL("CASE WHEN customer.has_facts THEN %s END", value)
            columns.append(SQL("(%s)::%s AS %s", value, SQL(field.column_type[0]), SQL.identifier(name)))
        return SQL(
            """
            WITH %(contacts)s%(facts)s,
            customer AS (
                SELECT partner_id, bool_or(has_facts) AS has_facts
                  FROM (%(grounds)s UNION ALL SELECT partner_id, FALSE FROM (%(known)s) AS known(partner_id)) everybody
              GROUP BY partner_id
            )
            SELECT customer.partner_id, %(company)s::int AS company_id,
                   COALESCE(
                       partner.user_id, CASE WHEN orders.latest_user_id IS NOT NULL THEN keeper.id END, orders.latest_user_id
                   ) AS user_id,
                   %(columns)s
              FROM customer
              JOIN res_partner partner ON partner.id = customer.partner_id
         LEFT JOIN fulfilment_profile kept ON kept.partner_id = customer.partner_id AND kept.company_id = %(company)s
         LEFT JOIN res_users keeper ON keeper.id = kept.user_id AND keeper.active
              %(joins)s
            """,
            contacts=scope.contacts,
            facts=SQL(", ").join(SQL("%s AS MATERIALIZED (%s)", SQL.identifier(name), select) for name, select in facts.items()),
            grounds=SQL(" UNION ALL ").join(SQL("SELECT partner_id, TRUE AS has_facts FROM %s", SQL.identifier(name)) for name in grounds),
            known=known, company=scope.company.id,
            columns=SQL(", ").join(columns),
            joins=SQL(" ").join(SQL(
                "LEFT JOIN %(name)s ON %(key)s = customer.partner_id", name=SQL.identifier(name), key=SQL.identifier(name, 'partner_id'),
            ) for name in facts),
        )


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    @api.model
    def _refresh(self, partners=None, as_of=None, companies=None):
        """Bring the figures of customers up to date, in one statement for all of them and each root company.

        :param partners: ``res.partner``; their commercial partners count. All customers when None.
        :param date as_of: the day the figures are told for; each company's own today when None
        :param companies: only these companies (their roots); all when None
        :return: number of profiles that changed
        """
        # safe: figures count every document, whoever asks; who may see a profile is decided by its own rules
        self = self.sudo()
        companies = (companies.sudo() if companies is not None else self.env['res.company'].search([])).root_id
        if partners is not None:
            partners.sudo().fetch(['commercial_partner_id'])
            partners = partners.sudo().commercial_partner_id
            if not partners:
                return 0
        self.env.flush_all()
        if partners is None or len(partners) > MANY:
            self._prepare_connection()
        changed = 0
        for company, day in companies._fulfilment_today(as_of).items():
            scope = self._scope(company, day, partners)
            changed += self._upsert(self._select(scope, self._known(scope)), quickly=partners is not None and len(partners) <= FEW)
        self.invalidate_model()
        return changed

    @api.model
    def _prepare_connection(self):
        """Statements over all customers join and group: give them memory, and no time for compiling, for this transaction."""
        self.env.cr.execute(SQL("SET LOCAL jit = off"))
        self.env.cr.execute(SQL("SET LOCAL work_mem = '64MB'"))

    @api.model
    def _known(self, scope):
        """Select the customers that have a profile already."""
        condition = SQL("TRUE") if scope.partner_ids is None else SQL("partner_id = ANY(%s)", list(scope.partner_ids))
        return SQL("SELECT partner_id FROM fulfilment_profile WHERE company_id = %s AND %s", scope.company.id, condition)

    @api.model
    def _live(self, partners, company, figures, day=None):
        """Read some figures of customers as of now or another day, for a decision: by the same SELECTs, and not written anywhere.

        :param partners: commercial partners
        :param company: root company
        :param figures: names of figures; their sums and counts are 0 where there is nothing
        :param date day: the day they are told for; the company's own today when None
        :return: ``{partner: {figure: value or None}}``
        """
        # safe: as in _refresh; the caller decides what becomes of the figures
        self = self.sudo()
        self.env.flush_all()
        scope = self._scope(company, day or company._fulfilment_today()[company], partners)
        facts, derived, columns, needed = self._facts(), self._derived(scope), [], {}
        for name in figures:
            field = self._fields[name]
            needed.update(dict.fromkeys(field.needs or (field.facts,)))
            value = derived[name] if field.facts == 'derived' else SQL.identifier(field.facts, name)
            columns.append(SQL("COALESCE(%s, 0)", value) if field.total else value)
        rows = self.env.execute_query(SQL(
            """
            WITH %(contacts)s%(facts)s
            SELECT customer.partner_id, %(columns)s FROM unnest(%(partners)s) AS customer(partner_id) %(joins)s
            """,
            contacts=scope.contacts, columns=SQL(", ").join(columns), partners=list(scope.partner_ids),
            facts=SQL(", ").join(SQL("%s AS MATERIALIZED (%s)", SQL.identifier(name), facts[name](scope)) for name in needed),
            joins=SQL(" ").join(SQL(
                "LEFT JOIN %(name)s ON %(key)s = customer.partner_id", name=SQL.identifier(name), key=SQL.identifier(name, 'partner_id'),
            ) for name in needed),
        ))
        return {
            self.env['res.partner'].browse(partner_id): dict(zip(figures, map(_number, values), strict=True))
            for partner_id, *values in rows
        }

    @api.model
    def _upsert(self, select, older_than=None, quickly=False):
        """Write the rows of a SELECT into the profiles; what is as it was stays untouched.

        :param SQL select: the columns of ``_select``
        :param datetime older_than: leave out profiles that were written since
        :param bool quickly: take the joins in the order they are written and go by indexes, which suits few customers and is soon planned
        :return: number of rows written
        """
        names = self._written_columns()
        kept = [name for name in names if name not in ('partner_id', 'company_id')]
        statement = SQL(
            """
            INSERT INTO fulfilment_profile AS profile (%(columns)s, refreshed_on)
            SELECT %(figures)s, %(now)s
              FROM (%(select)s) figures
         LEFT JOIN fulfilment_profile old ON old.partner_id = figures.partner_id AND old.company_id = figures.company_id
             WHERE old.id IS NULL OR (%(old)s) IS DISTINCT FROM (%(new)s) AND %(unwritten)s
            ON CONFLICT (partner_id, company_id) DO UPDATE SET %(assignments)s, refreshed_on = %(now)s
            """,
            columns=SQL(", ").join(map(SQL.identifier, names)), select=select, now=CLOCK,
            figures=SQL(", ").join(SQL.identifier('figures', name) for name in names),
            assignments=SQL(", ").join(SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name)) for name in kept),
            old=SQL(", ").join(SQL.identifier('old', name) for name in kept),
            new=SQL(", ").join(SQL.identifier('figures', name) for name in kept),
            unwritten=SQL("COALESCE(old.refreshed_on < %s, TRUE)", older_than) if older_than else SQL("TRUE"),
        )
        if not quickly:
            self.env.cr.execute(statement)
            return self.env.cr.rowcount
        # One round trip: the settings hold for this statement only, and the number comes back at the end.
        self.env.cr.execute(SQL(
            """
            SET LOCAL join_collapse_limit = 1; SET LOCAL from_collapse_limit = 1;
            SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
            WITH written AS (%s RETURNING 1) SELECT set_config('fulfilment_crm.written', count(*)::text, TRUE) FROM written;
            SET LOCAL join_collapse_limit TO DEFAULT; SET LOCAL from_collapse_limit TO DEFAULT;
            SET LOCAL enable_hashjoin TO DEFAULT; SET LOCAL enable_mergejoin TO DEFAULT;
            SELECT current_setting('fulfilment_crm.written')::int
            """, statement,
        ))
        return self.env.cr.fetchone()[0]

    @api.model
    def _written_columns(self):
        """Return the columns the statement over the facts writes: all but the rankings."""
        return [*DIMENSIONS, *(name for name, field in self._figures().items() if field.facts != RANKING)]

    @api.model
    def _refresh_ranking(self, company):
        """Bring rank, share, fifths, segment and quadrant of a company's customers up to date; returns how many changed."""
        names = self._figures_of(RANKING)
        self.env.cr.execute(SQL(
            """
            UPDATE fulfilment_profile profile SET %(assignments)s
              FROM (%(select)s) ranking
             WHERE profile.id = ranking.id AND (%(old)s) IS DISTINCT FROM (%(new)s)
            """,
            assignments=SQL(", ").join(SQL("%s = ranking.%s", SQL.identifier(name), SQL.identifier(name)) for name in names),
            select=self._standing_sql(company),
            old=SQL(", ").join(SQL.identifier('profile', name) for name in names),
            new=SQL(", ").join(SQL.identifier('ranking', name) for name in names),
        ))
        self.invalidate_model(names)
        return self.env.cr.rowcount

    # === WHO HAS CHANGED === #

    @api.model
    def _changed_partners(self, company, since):
        """Return the commercial partners whose facts were written after a moment; recomputations count, deletions do not.

        :param company: root company
        :param datetime since: naive UTC
        :return: list of ids
        """
        scope = self._scope(company, fields.Date.today())
        rows = self.env.execute_query(SQL(
            """
            SELECT DISTINCT partner.commercial_partner_id
              FROM res_partner partner
             WHERE partner.id IN (%(sources)s) AND partner.commercial_partner_id IS NOT NULL
            """, sources=SQL(" UNION ALL ").join(self._changed_sources(scope, since)),
        ))
        return [partner_id for [partner_id] in rows]

    @api.model
    def _changed_sources(self, scope, since):
        """Return SELECTs of the few columns that tell of everything: what happens to an invoice or a payment reaches its receivable line,
        what changes an order's lines reaches its total.
        """
        companies = list(scope.companies)
        return [
            *super()._changed_sources(scope, since),
            SQL("SELECT partner_id FROM account_move_line "
                "WHERE account_id = ANY(%s) AND write_date > %s AND company_id = ANY(%s) AND partner_id IS NOT NULL",
                list(scope.accounts), since, companies),
            SQL("SELECT unnest(ARRAY[partner_id, partner_invoice_id]) FROM sale_order WHERE write_date > %s AND company_id = ANY(%s)",
                since, companies),
            SQL("SELECT partner_id FROM fulfilment_contract WHERE write_date > %s AND company_id = ANY(%s)", since, companies),
            SQL("SELECT partner_id FROM fulfilment_milestone WHERE write_date > %s AND company_id = ANY(%s)", since, companies),
            # A contact that is new or has moved makes another file complete, and takes its orders along.
            SQL("SELECT own.id FROM res_partner own WHERE own.write_date > %s AND ("
                "EXISTS (SELECT FROM fulfilment_profile profile WHERE profile.partner_id = own.commercial_partner_id "
                "AND profile.company_id = %s) "
                "OR EXISTS (SELECT FROM sale_order sale WHERE sale.partner_id = own.id AND sale.company_id = ANY(%s)))",
                since, scope.company.id, companies),
        ]


def _number(value):
    return float(value) if isinstance(value, Decimal) else value
