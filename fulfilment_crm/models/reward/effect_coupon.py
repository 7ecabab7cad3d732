from odoo import fields, models


class FulfilmentRewardTerms(models.AbstractModel):
    _inherit = 'fulfilment.reward.terms'

    effect = fields.Selection(selection_add=[('coupon', "Coupon")], ondelete={'coupon': 'cascade'})

    def _missing_coupon(self):
        if self.program_id.active and self.program_id.program_type == 'coupons':
            return None
        return self.env._("Choose the coupon program of “%s”.", self.name)


class FulfilmentRewardGrant(models.Model):
    """Coupons of Odoo's loyalty programs, which Odoo mails with their code."""
    _inherit = 'fulfilment.reward.grant'

    def _lasts_days(self):
        return super()._lasts_days() or self.effect == 'coupon'

    def _tell_customers(self):
        return super(FulfilmentRewardGrant, self.filtered(lambda one: one.effect != 'coupon'))._tell_customers()

    def _effect_coupon(self):
        """Give each customer a coupon, which Odoo mails as its program says."""
        for program, grants in self.grouped('program_id').items():
            # safe: as in _cards
            coupons = self.env['loyalty.card'].sudo().with_context(tracking_disable=True)
            points = min(program.sudo().reward_ids.mapped('required_points'), default=1.0)  # safe: what the coupon has to hold
            made = coupons.with_context(loyalty_no_mail=True).create([{
                'program_id': program.id, 'partner_id': grant.partner_id.id, 'points': points, 'expiration_date': grant.ends_on,
            } for grant in grants])
            for grant, coupon in zip(grants, made.with_env(coupons.env), strict=True):
                grant.card_id = coupon.id
                grant.given = {'points': points}
                if grant.is_notified and grant.partner_id.email:
                    grant._mail_card(coupon)
            # safe: as in _effect_points
            self.env['loyalty.history'].sudo().create([
                {'card_id': coupon.id, 'description': grant._told_reason(), 'issued': points}
                for grant, coupon in zip(grants, made, strict=True)
            ])

    def _take_back_coupon(self, day):
        """Make coupons worthless that were not used."""
        for grant in self:
            # safe: nobody has rights on coupons; this one was given by the reward
            coupon = grant.card_id.sudo().with_context(tracking_disable=True, loyalty_no_mail=True)
            if coupon and coupon.points >= (grant.given or {}).get('points', 1.0):
                coupon.write({'points': 0.0, 'active': False})
            else:
                grant.write({'used': 1.0, 'not_recovered': grant.cost})

    def _words_coupon(self, until):
        name = self.program_id.name or ''
        return self.env._("Coupon “%(name)s”, valid until %(date)s", name=name, date=until) if until else self.env._("Coupon “%s”", name)
