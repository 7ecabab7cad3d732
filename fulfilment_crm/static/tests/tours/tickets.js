import { registry } from "@web/core/registry";
import { choose, menu, openApp, page, press, TOP, view } from "./helpers";

const FORM = "form.o_fulfilment_ticket_form";

registry.category("web_tour.tours").add("fulfilment_ticket_complain", {
    url: "/my",
    steps: () => [
        {
            content: "open the complaints and requests",
            trigger: ".o_portal_index_card a[href='/my/fulfilment/tickets']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "there is nothing yet, and it says so",
            trigger: ".alert-info",
        },
        {
            content: "write a new one",
            trigger: "a.o_fulfilment_new_ticket",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "what it is about",
            trigger: `${FORM} input[name='title']`,
            run: "edit The pump leaks",
        },
        {
            content: "it is a complaint",
            trigger: `${FORM} select[name='type']`,
            run: "select complaint",
        },
        {
            content: "it is urgent",
            trigger: `${FORM} select[name='urgency']`,
            run: "select urgent",
        },
        {
            content: "describe it",
            trigger: `${FORM} textarea[name='description']`,
            run: "edit There is water on the floor",
        },
        {
            content: "send it",
            trigger: `${FORM} button[type='submit']`,
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it has arrived",
            trigger: ".o_fulfilment_ticket .alert-success",
        },
        {
            content: "it has a number and a state",
            trigger: ".o_fulfilment_ticket:contains('T/') .badge.text-bg-info",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_ticket_solve", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_work", "menu_my_tickets"),
        {
            content: "open the complaint",
            trigger: ".o_list_view .o_data_row:contains('The pump leaks') .o_data_cell[name='title']",
            run: "click",
        },
        {
            content: "what the customer has written",
            trigger: ".o_field_widget[name='description']:contains('water on the floor')",
        },
        press("action_take"),
        {
            content: "it is in work",
            trigger: ".o_form_view button[name='action_solve']",
        },
        press("action_solve"),
        {
            content: "not without a solution",
            trigger: `${TOP} button[name='action_confirm']`,
            run: "click",
        },
        {
            content: "the dialog asks again",
            trigger: `${TOP} .o_field_widget[name='solution'].o_field_invalid`,
        },
        {
            content: "write the solution",
            trigger: `${TOP} .o_field_widget[name='solution'] textarea`,
            run: "edit The seal was replaced",
        },
        ...choose("cause_id", "Defect", TOP),
        press("action_confirm", TOP),
        {
            content: "it waits for the customer to confirm",
            trigger: ".o_form_view button[name='action_close']",
        },
        ...page("deadlines"),
        {
            content: "its deadlines were kept",
            trigger: ".o_field_widget[name='deadline_ids'] .o_data_row .text-bg-success",
        },
        {
            content: "what happened is on record",
            trigger: ".o_field_widget[name='event_ids'] .o_data_row:eq(2)",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_ticket_confirm", {
    url: "/my/fulfilment/tickets",
    steps: () => [
        {
            content: "open what is solved",
            trigger: ".o_portal_my_doc_table tr:has(.badge.text-bg-success) a",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the solution is there to read",
            trigger: ".o_fulfilment_solution:contains('The seal was replaced')",
        },
        {
            content: "rate it",
            trigger: ".o_fulfilment_confirm label[for='confirm_rating_5']",
            run: "click",
        },
        {
            content: "confirm",
            trigger: ".o_fulfilment_confirm button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "thank you",
            trigger: ".o_fulfilment_ticket .alert-success",
        },
        {
            content: "the rating is there",
            trigger: ".o_fulfilment_rated:contains('5')",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_ticket_due_soon", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_work", "menu_my_tickets"),
        {
            content: "what is due soon stands out",
            trigger: ".o_list_view .o_data_row.text-warning:contains('New price list')",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_ticket_late", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_service", "menu_ticket"),
        {
            content: "the card is red",
            trigger: ".o_kanban_view .o_kanban_record:contains('New price list'):has(.text-danger)",
        },
        ...view("list", ".o_data_row.text-danger"),
        {
            content: "open it",
            trigger: ".o_list_view .o_data_row.text-danger:contains('New price list') .o_data_cell[name='title']",
            run: "click",
        },
        {
            content: "it says on top that it is late",
            trigger: ".o_form_view .alert-danger",
        },
        ...page("deadlines"),
        {
            content: "which deadline was missed",
            trigger: ".o_field_widget[name='deadline_ids'] .o_data_row .text-bg-danger",
        },
        {
            content: "whom it was escalated to",
            trigger: ".o-mail-Activity",
        },
    ],
});
