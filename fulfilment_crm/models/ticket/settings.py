from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_service_supervisor_id = fields.Many2one(
        'res.users', string="Service supervisor", ondelete='set null',
        help="Is told of missed deadlines and objections, and gets the cases of dissatisfied customers.",
    )
    fulfilment_ticket_close_days = fields.Integer(
        string="Close solved tickets after (days)", default=7, help="When the customer has not answered until then.",
    )
    fulfilment_ticket_reopen_days = fields.Integer(
        string="Customers reopen within (days)", default=14, help="Counted from the solution. A later reply becomes a new ticket.",
    )
    fulfilment_ticket_objection_days = fields.Integer(
        string="Customers object within (days)", default=15, help="Counted from the solution.",
    )
    fulfilment_ticket_flood = fields.Integer(
        string="Tickets a sender may send in an hour", default=10,
        help="By e-mail and on the portal, counted for each sender. 0: none at all.",
    )
    fulfilment_ticket_flood_all = fields.Integer(
        string="Tickets by e-mail in an hour, of all senders", default=100,
        help="What comes beyond goes into one collecting ticket, and the team leader is told.",
    )
    fulfilment_mail_hosts = fields.Char(
        string="Mail servers that vouch for colleagues",
        help="Names by which your mail servers sign Authentication-Results, separated by commas. An e-mail in a colleague's name is "
             "sent on to "
             "the customer only when one of them says dmarc=pass; otherwise it is kept as an internal note, and the colleague is asked.",
    )
    fulfilment_ticket_files = fields.Integer(string="Files on one ticket of the portal", default=5)
    fulfilment_ticket_file_size = fields.Integer(string="Size of a file (MB)", default=10)
    fulfilment_ticket_file_types = fields.Char(
        string="Kinds of files", default='pdf,png,jpg,jpeg,gif,webp,heic,txt,csv,doc,docx,xls,xlsx,ppt,pptx,odt,ods,zip,mp4',
        help="Endings that customers may send, separated by commas.",
    )
    fulfilment_product_owner_ids = fields.Many2many(
        'res.users', 'fulfilment_product_owner_rel', 'company_id', 'user_id', string="Product owners",
        help="Receive the monthly analysis of tickets.",
    )

    _fulfilment_ticket_check = models.Constraint(
        'CHECK(fulfilment_ticket_close_days >= 0 AND fulfilment_ticket_reopen_days >= 0 AND fulfilment_ticket_objection_days >= 0'
        ' AND fulfilment_ticket_flood >= 0 AND fulfilment_ticket_flood_all >= 0 '
        ' AND fulfilment_ticket_files >= 0 AND fulfilment_ticket_file_size >= 0)',
        "Days, numbers and sizes for tickets are not negative.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_service_supervisor_id = fields.Many2one(related='company_id.fulfilment_service_supervisor_id', readonly=False)
    fulfilment_ticket_close_days = fields.Integer(related='company_id.fulfilment_ticket_close_days', readonly=False)
    fulfilment_ticket_reopen_days = fields.Integer(related='company_id.fulfilment_ticket_reopen_days', readonly=False)
    fulfilment_ticket_objection_days = fields.Integer(related='company_id.fulfilment_ticket_objection_days', readonly=False)
    fulfilment_ticket_flood = fields.Integer(related='company_id.fulfilment_ticket_flood', readonly=False)
    fulfilment_ticket_flood_all = fields.Integer(related='company_id.fulfilment_ticket_flood_all', readonly=False)
    fulfilment_mail_hosts = fields.Char(related='company_id.fulfilment_mail_hosts', readonly=False)
    fulfilment_ticket_files = fields.Integer(related='company_id.fulfilment_ticket_files', readonly=False)
    fulfilment_ticket_file_size = fields.Integer(related='company_id.fulfilment_ticket_file_size', readonly=False)
    fulfilment_ticket_file_types = fields.Char(related='company_id.fulfilment_ticket_file_types', readonly=False)
    fulfilment_product_owner_ids = fields.Many2many(related='company_id.fulfilment_product_owner_ids', readonly=False)
