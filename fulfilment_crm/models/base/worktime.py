from odoo import api, fields, models

from .later import do_later


class FulfilmentWorktimeMixin(models.AbstractModel):
    """What says when is worked. A change moves the deadlines that are still open."""
    _name = 'fulfilment.worktime.mixin'
    _description = 'Working time'

    # Names of the fields that working time depends on; empty for all of them.
    _worktime_fields = frozenset()

    def _worktime_calendars(self):
        """Return the calendars for which these records say when people work."""
        # safe: deadlines follow from working hours, whoever may change them
        return self.sudo().calendar_id if all(one.calendar_id for one in self) else self.env['resource.calendar'].sudo().search([])

    @api.model_create_multi
    def create(self, vals_list):
        result = super().create(vals_list)
        result._worktime_calendars()._recount_later()
        return result

    def write(self, vals):
        if self._worktime_fields and not self._worktime_fields & vals.keys():
            return super().write(vals)
        before = self._worktime_calendars()
        result = super().write(vals)
        (before | self._worktime_calendars())._recount_later()
        return result

    def unlink(self):
        calendars = self._worktime_calendars()
        result = super().unlink()
        calendars.exists()._recount_later()
        return result


class ResourceCalendar(models.Model):
    """Odoo's working hours. Their time zones, which companies take theirs from, are kept in memory."""
    _name = 'resource.calendar'
    _inherit = ['resource.calendar', 'fulfilment.cached.mixin', 'fulfilment.worktime.mixin']

    _cached_fields = frozenset({'tz'})
    _worktime_fields = frozenset({'tz', 'schedule_type', 'flexible_hours', 'hours_per_day', 'two_weeks_calendar'})

    def _worktime_calendars(self):
        # safe: as in the mixin
        return self.sudo()

    def _recount_later(self):
        do_later(self, '_recount_deadlines', 'tickets')

    def _recount_deadlines(self):
        """Count open deadlines in these calendars anew; each room adds its own.

        What was missed stays so, and nothing is missed in hindsight (``working_time.moved``).
        """
        pending = self.env['fulfilment.approval'].search([
            ('state', '=', 'pending'), ('escalated_on', '=', False), ('deadline', '>', fields.Datetime.now()),
            ('company_id.resource_calendar_id', 'in', self.ids),
        ])
        pending._recount_deadline()


class ResourceCalendarAttendance(models.Model):
    _name = 'resource.calendar.attendance'
    _inherit = ['resource.calendar.attendance', 'fulfilment.worktime.mixin']

    _worktime_fields = frozenset({'calendar_id', 'dayofweek', 'hour_from', 'hour_to', 'week_type', 'day_period', 'display_type'})


class ResourceCalendarLeaves(models.Model):
    """Holidays of everybody; what a single person takes off moves no deadline."""
    _name = 'resource.calendar.leaves'
    _inherit = ['resource.calendar.leaves', 'fulfilment.worktime.mixin']

    _worktime_fields = frozenset({'calendar_id', 'company_id', 'resource_id', 'date_from', 'date_to', 'time_type'})

    def _worktime_calendars(self):
        common = self.filtered(lambda leave: not leave.resource_id)
        return super(ResourceCalendarLeaves, common)._worktime_calendars() if common else self.env['resource.calendar']

    def write(self, vals):
        result = super().write(vals)
        if not self.env.su and vals.keys() & {'resource_id', 'calendar_id', 'company_id'}:
            # What was one person's leave and is a holiday of everybody now, is written by who may write holidays.
            self.check_access('write')
        return result
