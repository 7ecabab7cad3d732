from odoo import api, fields, models

from ..base.queued_mail_mixin import LAYOUT


class FulfilmentAlertDigest(models.Model):
    """The new alerts of one owner, in one mail a day."""
    _name = 'fulfilment.alert.digest'
    _description = 'Daily mail about alerts'
    _inherit = ['fulfilment.once.mixin', 'fulfilment.machine.mixin']
    _order = 'date desc, id desc'
    _rec_name = 'user_id'

    user_id = fields.Many2one('res.users', string="Owner", required=True, readonly=True, index=True, ondelete='cascade')
    date = fields.Date(required=True, readonly=True)
    alert_ids = fields.One2many('fulfilment.alert', 'digest_id', string="Alerts", readonly=True)
    state = fields.Selection(
        [('sent', "Sent"), ('no_address', "No e-mail address")], required=True, readonly=True, default='sent',
    )

    @api.model
    def _tell(self, alerts, days):
        """Send each owner the alerts nobody has told them of: at most one mail a day, whatever runs twice.

        :param alerts: new ones
        :param dict days: ``{company: date}``
        :return: ``{effect: count}``
        """
        waiting = alerts.filtered(lambda alert: alert.state == 'open' and alert.user_id and not alert.digest_id)
        groups = waiting.grouped(lambda alert: (alert.user_id, days[alert.company_id]))
        keys = {key: f'alerts: {key[0].id}: {key[1]}' for key in groups}
        digests = self._claim([{
            'claim_key': keys[user, day], 'user_id': user.id, 'date': day, 'state': 'sent' if user.email else 'no_address',
        } for user, day in groups])
        made = {digest.claim_key: digest for digest in digests}
        for key, group in groups.items():
            if digest := made.get(keys[key]):
                group.digest_id = digest
        sent = digests.filtered(lambda digest: digest.state == 'sent')
        if sent:
            template = self.env.ref('fulfilment_crm.mail_template_alert_digest')
            template._fulfilment_check_vouched(self._name)
            for company, theirs in sent.grouped(lambda digest: digest.user_id.company_id).items():
                template.send_mail_batch(
                    theirs.ids, email_layout_xmlid=LAYOUT, email_values=company._fulfilment_letterhead(),
                )
        return {'mails about alerts': len(sent)}


class FulfilmentAlert(models.Model):
    _inherit = 'fulfilment.alert'

    digest_id = fields.Many2one(
        'fulfilment.alert.digest', string="Told in", readonly=True, copy=False, index='btree_not_null', ondelete='set null',
        guarded=True,
    )


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_alert_digest = fields.Boolean(
        string="Daily mail about new alerts", default=True, help="Each owner gets one a day, if there are any. To-dos appear at once.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_alert_digest = fields.Boolean(related='company_id.fulfilment_alert_digest', readonly=False)
