import { registry } from "@web/core/registry";
import { inState, menu, openApp, press } from "./helpers";

const DIALOG = ".modal:not(.o_inactive_modal)";

registry.category("web_tour.tours").add("fulfilment_care", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_work", "menu_my_care"),
        {
            content: "open the visit that was planned",
            trigger: ".o_list_view .o_data_row:contains('Hengtong Industries') .o_data_cell[name='partner_id']",
            run: "click",
        },
        inState("planned"),
        {
            content: "its meeting is in the calendar",
            trigger: ".o_form_view .o_field_widget[name='event_id']",
        },
        press("action_log"),
        {
            content: "the meeting is filled in",
            trigger: `${DIALOG} .o_field_widget[name='topic'] input:value(Hengtong Industries)`,
        },
        {
            content: "say what came of it",
            trigger: `${DIALOG} .o_field_widget[name='conclusion'] textarea`,
            run: "edit The second line comes in May",
        },
        {
            content: "add a next step",
            trigger: `${DIALOG} .o_field_widget[name='step_ids'] .o_field_x2many_list_row_add a`,
            run: "click",
        },
        {
            content: "what is to be done",
            trigger: `${DIALOG} .o_field_widget[name='step_ids'] .o_selected_row .o_field_widget[name='summary'] input`,
            run: "edit Send the drawings",
        },
        press("action_log", DIALOG),
        inState("done"),
        {
            content: "the interaction is linked",
            trigger: "body:not(:has(.modal)) .o_form_view .o_field_widget[name='interaction_id']",
        },
        {
            content: "nothing is left to log",
            trigger: ".o_form_view:not(:has(button[name='action_log']))",
        },
        ...menu("menu_service", "menu_interaction"),
        {
            content: "it is in the list of interactions",
            trigger: ".o_list_view .o_data_row:contains('Hengtong Industries')",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_log_contract", {
    steps: () => [
        press("action_log_interaction"),
        {
            content: "what it was about",
            trigger: `${DIALOG} .o_field_widget[name='topic'] input`,
            run: "edit Dates of delivery",
        },
        press("action_log", DIALOG),
        {
            content: "it is counted on the contract",
            trigger: "body:not(:has(.modal)) .o_form_view button[name='action_open_interactions']:contains('1')",
        },
    ],
});
