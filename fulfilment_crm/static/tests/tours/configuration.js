import { registry } from "@web/core/registry";
import { menu, openApp, view } from "./helpers";

const RULES = ".o_list_view .o_data_row";

registry.category("web_tour.tours").add("fulfilment_configuration", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_configuration", "menu_reminder_rule"),
        {
            content: "switch the first rule off",
            trigger: `${RULES}:first .o_field_widget[name='active'] input:checked`,
            run: "click",
        },
        {
            content: "it is off",
            trigger: `${RULES}:first .o_field_widget[name='active'] input:not(:checked)`,
        },
        ...menu("menu_configuration", "menu_clause"),
        {
            content: "another page in between",
            trigger: ".o_list_view:has(th[data-name='category_id']):not(:has(th[data-name='offset_days']))",
        },
        ...menu("menu_configuration", "menu_reminder_rule"),
        {
            content: "a rule that is off stays in the list, to be switched on again",
            trigger: `${RULES} .o_field_widget[name='active'] input:not(:checked)`,
        },
        ...menu("menu_configuration", "menu_settings"),
        {
            content: "the settings open on the app's own block",
            trigger: ".settings .app_settings_block[data-key='fulfilment_crm']:not(.d-none) #fulfilment_reminders",
        },
        {
            trigger: ".app_settings_block #fulfilment_approval .o_field_widget[name='fulfilment_approval'] input",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_views", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_contracts", "menu_milestone"),
        {
            content: "the list has what is open",
            trigger: ".o_list_view:has(th[data-name='days_late']) .o_data_row",
        },
        ...view("kanban", ".o_kanban_record:not(.o_kanban_ghost)"),
        ...view("calendar", ".fc-event"),
        ...view("pivot", "tbody .o_pivot_cell_value"),
        ...view("graph", "canvas"),
        ...menu("menu_contracts", "menu_contract"),
        {
            content: "the list has the contract",
            trigger: ".o_list_view:has(th[data-name='date_end']) .o_data_row",
        },
        ...view("kanban", ".o_kanban_record:not(.o_kanban_ghost)"),
        ...view("pivot", "tbody .o_pivot_cell_value"),
        ...view("graph", "canvas"),
        ...view("activity", ".o_activity_view_table"),
        ...menu("menu_contracts", "menu_reminder"),
        {
            content: "the ledger of reminders is there",
            trigger: ".o_list_view th[data-name='due_date'], .o_view_nocontent",
        },
    ],
});
