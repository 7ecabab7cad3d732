from odoo import api, models


class FulfilmentDemo(models.AbstractModel):
    """Where the demo data calls for its story: the verbs it is told with are read then, and never otherwise."""
    _name = 'fulfilment.demo'
    _description = 'Demo company'

    @api.model
    def _tell(self, chapter):
        """Tell a chapter of the story.

        :param str chapter: a method of ``demo.telling.Telling``
        """
        from ...demo.telling import Telling

        getattr(Telling(self.env), chapter)()
