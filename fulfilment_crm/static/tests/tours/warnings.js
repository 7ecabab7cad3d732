import { registry } from "@web/core/registry";
import { inState, menu, openApp, page, press } from "./helpers";

const DIALOG = ".modal:not(.o_inactive_modal)";

registry.category("web_tour.tours").add("fulfilment_warning_rule", {
    // The code editor of conditions shows in debug mode only.
    url: "/odoo?debug=1",
    steps: () => [
        ...openApp(),
        ...menu("menu_configuration", "menu_warning_rule"),
        {
            content: "a new rule",
            trigger: ".o_control_panel .o_list_button_add",
            run: "click",
        },
        {
            content: "its name",
            trigger: ".o_form_view .o_field_widget[name='name'] input",
            run: "edit Pays later and later",
        },
        {
            content: "its condition",
            trigger: ".o_field_widget[name='domain'] textarea",
            run: "edit [('payment_index', '<', 60)]",
        },
        ...page("explanation"),
        {
            content: "what it means",
            trigger: ".o_field_widget[name='explanation'] textarea",
            run: "edit Ask what is in the way",
        },
        {
            content: "keep it",
            trigger: ".o_form_button_save:enabled",
            run: "click",
        },
        inState("draft"),
        press("action_replay"),
        {
            content: "how it would have done: one warning, which was right",
            trigger: `${DIALOG} .o_field_widget[name='hit_count']:contains('1')`,
        },
        {
            content: "and nobody was missed",
            trigger: `${DIALOG} .o_field_widget[name='missed_count']:contains('0')`,
        },
        {
            content: "month by month",
            trigger: `${DIALOG} .o_field_widget[name='chart'] svg rect`,
        },
        {
            content: "enough seen",
            trigger: `${DIALOG} footer button[special='cancel']`,
            run: "click",
        },
        {
            content: "back at the rule",
            trigger: "body:not(:has(.modal))",
        },
        press("action_activate"),
        inState("active"),
    ],
});

registry.category("web_tour.tours").add("fulfilment_alert", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_work", "menu_my_alerts"),
        {
            content: "open the alert",
            trigger: ".o_list_view .o_data_row:contains('Hengtong Industries') .o_data_cell[name='record_name']",
            run: "click",
        },
        inState("open"),
        {
            content: "what it means",
            trigger: ".o_field_widget[name='explanation']:contains('Ask what is in the way')",
        },
        {
            content: "the figure as it was",
            trigger: ".o_field_widget[name='figures_table'] td:contains('50')",
        },
        press("action_acknowledge"),
        inState("acknowledged"),
        press("action_handle"),
        {
            content: "say what was done",
            trigger: `${DIALOG} .o_field_widget[name='reason'] textarea`,
            run: "edit Instalments agreed",
        },
        press("action_confirm", DIALOG),
        inState("handled"),
        {
            content: "it is on record",
            trigger: ".o_field_widget[name='note']:contains('Instalments agreed')",
        },
    ],
});
