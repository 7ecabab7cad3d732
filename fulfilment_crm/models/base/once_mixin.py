from odoo import api, fields, models


class FulfilmentOnceMixin(models.AbstractModel):
    """Whatever a scheduled action creates, it creates once.

    The claim key names the effect in words ("rule 3, milestone 12, due 2026-03-01, email") and is unique in the database. It is
    text on purpose: no partner is part of a constraint, so merging partners can neither delete nor collide with a ledger row.
    """
    _name = 'fulfilment.once.mixin'
    _description = 'Claimed once'

    claim_key = fields.Char(
        required=True, readonly=True, copy=False,
        help="What this record stands for, in words that cannot occur twice. A repeated or doubled run finds it and does nothing.",
        guarded=True,
    )

    _claim_key_unique = models.UniqueIndex('(claim_key)', "This effect has been recorded already.")

    @api.model
    def _claim(self, vals_list):
        """Create the records whose claim key is still free.

        A key that another transaction took since this one began raises a unique violation at creation, which the slice of the
        scheduled action answers by starting again in a fresh transaction.

        :param list vals_list: values for create, each with its ``claim_key``
        :return: the records created, in the order of ``vals_list``
        """
        keys = [vals['claim_key'] for vals in vals_list]
        # safe: asks which keys are taken, whoever took them
        taken = {
            key for [key] in self.sudo().with_context(active_test=False)._read_group([('claim_key', 'in', keys)], ['claim_key'])
        }
        fresh, seen = [], set(taken)
        for vals in vals_list:
            if vals['claim_key'] not in seen:
                seen.add(vals['claim_key'])
                fresh.append(vals)
        return self.create(fresh)
