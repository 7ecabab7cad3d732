from odoo import fields, models

from ..base.to_do_mixin import ToDo


class FulfilmentRewardTerms(models.AbstractModel):
    _inherit = 'fulfilment.reward.terms'

    effect = fields.Selection(selection_add=[('training', "Free training")], ondelete={'training': 'cascade'})
    training = fields.Char(translate=True, tracking=True, help="What the customer may attend, in words the customer reads.")

    def _missing_training(self):
        return None if (self.training or '').strip() else self.env._("Say which training “%s” offers.", self.name)


class FulfilmentRewardGrant(models.Model):
    _inherit = 'fulfilment.reward.grant'

    def _effect_training(self):
        """Somebody has to arrange it: a to-do for the responsible."""
        to_dos = []
        for grant in self:
            asked = grant.user_id or grant.company_id.fulfilment_manager_id or self.env.user
            to_dos.append(ToDo(grant, asked, asked._fulfilment_env()._("Arrange the training: %s", grant.training)))
        self.env['mail.activity']._fulfilment_give('fulfilment_crm.activity_type_reward', to_dos)

    def _take_back_training(self, day):
        """Call off a training that has not taken place."""
        self.filtered(lambda one: not one.is_used).activity_unlink(['fulfilment_crm.activity_type_reward'])
        for grant in self.filtered('is_used'):
            grant.write({'used': 1.0, 'not_recovered': grant.cost})

    def _words_training(self, until):
        return self.env._("Free training: %s", self._training_in_words())

    def _training_in_words(self):
        """Return the training in the language of the context, where the rule still says the same in any language."""
        rule = self.rule_id
        said = {rule.with_context(lang=code).training for code, _name in self.env['res.lang'].get_installed()} if rule else ()
        return rule.training if self.training in said else self.training or ''
