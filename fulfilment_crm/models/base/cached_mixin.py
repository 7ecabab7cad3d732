from odoo import api, models


class FulfilmentCachedMixin(models.AbstractModel):
    """What is read so often that it is kept in the registry's memory (``ormcache``): any change empties that, for every worker."""
    _name = 'fulfilment.cached.mixin'
    _description = 'Records kept in memory'

    # Names of the fields that what is kept depends on; empty for all of them.
    _cached_fields = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        result = super().create(vals_list)
        self.env.registry.clear_cache()
        return result

    def write(self, vals):
        result = super().write(vals)
        if not self._cached_fields or self._cached_fields & vals.keys():
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
