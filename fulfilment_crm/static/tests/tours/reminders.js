import { registry } from "@web/core/registry";
import { menu, press } from "./helpers";

registry.category("web_tour.tours").add("fulfilment_reminders_seen", {
    steps: () => [
        {
            content: "the customer's reminder is in the chatter",
            trigger: ".o-mail-Chatter .o-mail-Message:contains('Second instalment')",
        },
        {
            content: "so is the one about our own duty",
            trigger: ".o-mail-Chatter .o-mail-Message:contains('Delivery of lot 2')",
        },
        press("action_open_reminders"),
        {
            content: "the ledger lists what was sent",
            trigger: ".o_list_view .o_data_row:contains('Second instalment'):has(.text-bg-success)",
        },
        ...menu("menu_work", "menu_late"),
        {
            content: "open what is late",
            trigger: ".o_list_view .o_data_row.text-danger:contains('First instalment') .o_data_cell[name='name']",
            run: "click",
        },
        {
            content: "the milestone says so",
            trigger: ".o_form_view:has(.ribbon) .o_field_widget[name='days_late']:contains('9')",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_reminders_on_portal", {
    steps: () => [
        {
            content: "the reminder is among the messages, as one line that opens",
            trigger: "#chatterRoot:shadow .o-mail-Message summary",
            run: "click",
        },
        {
            content: "what is to be paid",
            trigger: "#chatterRoot:shadow .o-mail-Message details[open]:contains('instalment')",
        },
        {
            content: "what we remind ourselves of is not",
            trigger: "#chatterRoot:shadow .o-mail-Thread:not(:contains('Delivery of lot 2'))",
        },
    ],
});
