import { registry } from "@web/core/registry";
import { calendarView } from "@web/views/calendar/calendar_view";

// Odoo's calendar, told apart so that the style can let a chip say customer, subject and amount in full.
registry.category("views").add("fulfilment_calendar", calendarView);
