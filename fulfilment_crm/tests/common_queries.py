MANY = 50


class SameQueriesMixin:
    """Fifty records take the queries of one: what grows with the records is work in memory, and rows a statement.

    Odoo writes at most 100 rows a statement, so what is made here stays below that: two clauses and two milestones a contract.
    """

    def count_queries(self, work, *arguments):
        """The queries of ``work`` from cold records to the last row written."""
        self.settle()
        before = self.env.cr.sql_log_count
        work(*(records.browse(records.ids) for records in arguments))
        self.env.cr.flush()
        return self.env.cr.sql_log_count - before

    def assert_same_queries(self, prepare, work, per_record=0, for_many=0):
        """``work`` needs the same number of queries for one record as for fifty.

        :param prepare: function of a number that makes so many records to work on
        :param work: function of those records
        :param int per_record: queries each record may need of its own
        :param int for_many: queries that more than one record need together, however many they are
        """
        self.count_queries(work, prepare(1))  # whatever is cached once for all, is cached now
        one = self.count_queries(work, prepare(1))
        many = self.count_queries(work, prepare(MANY))
        # A message about one record is that record's own and costs a few queries more than one about many.
        self.assertLessEqual(many, one + for_many + per_record * (MANY - 1), f"1 record: {one} queries, {MANY} records: {many}")
