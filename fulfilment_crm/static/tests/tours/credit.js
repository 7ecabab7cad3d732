import { registry } from "@web/core/registry";
import { approve, inState, menu, openApp, page, press } from "./helpers";

const DIALOG = ".modal:not(.o_inactive_modal)";

registry.category("web_tour.tours").add("fulfilment_grade_approve", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_work", "menu_to_approve"),
        {
            content: "open the change of grade that waits",
            trigger: ".o_list_view .o_data_row:contains('Hengtong Industries') .o_data_cell[name='record_name']",
            run: "click",
        },
        {
            content: "what the approval changes",
            trigger: ".o_field_widget[name='effects'] tr:contains('CCC')",
        },
        press("action_open_record"),
        inState("in_approval"),
        {
            content: "from which grade to which",
            trigger: ".o_form_view:has(.o_field_widget[name='previous_grade_id']:contains('CCC')) .o_field_widget[name='change'] .text-bg-success",
        },
        {
            content: "the figures it rests on",
            trigger: ".o_field_widget[name='explanation'] table tbody tr:eq(4)",
        },
        ...approve(),
    ],
});

registry.category("web_tour.tours").add("fulfilment_grade_in_effect", {
    steps: () => [
        {
            content: "the profile shows the new grade",
            trigger: ".o_form_view .oe_title .o_field_widget[name='credit_grade_id']:contains('A')",
        },
        ...page("credit"),
        press("action_open_last_assessment"),
        inState("effective"),
    ],
});

registry.category("web_tour.tours").add("fulfilment_order_held", {
    steps: () => [
        press("action_confirm"),
        {
            content: "the order is held, and says why",
            trigger: ".o_form_view .alert-warning .o_field_widget[name='fulfilment_credit_text']:contains('limit')",
        },
        inState("draft"),
        {
            content: "who confirmed it does not release it",
            trigger: ".o_form_view:not(:has(button[name='action_fulfilment_release']))",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_order_released", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_work", "menu_orders_held"),
        {
            content: "open the order that is held",
            trigger: ".o_list_view .o_data_row:contains('Hengtong Industries') .o_data_cell[name='name']",
            run: "click",
        },
        {
            content: "why it is held stands on top",
            trigger: ".o_form_view .alert-warning .o_field_widget[name='fulfilment_credit_text']:contains('limit')",
        },
        press("action_fulfilment_release"),
        {
            content: "no release without a reason",
            trigger: `${DIALOG} button[name='action_release']`,
            run: "click",
        },
        {
            content: "the dialog asks again",
            trigger: `${DIALOG} .o_field_widget[name='reason'].o_field_invalid`,
        },
        {
            content: "say why",
            trigger: `${DIALOG} .o_field_widget[name='reason'] textarea`,
            run: "edit Bank guarantee received",
        },
        press("action_release", DIALOG),
        inState("sale"),
        {
            content: "it says that it was released",
            trigger: ".o_form_view .alert-success",
        },
        ...page("decisions"),
        {
            content: "the release is on record",
            trigger: ".o_field_widget[name='fulfilment_credit_decision_ids'] .o_data_row:contains('Bank guarantee received')",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_scorecard", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_configuration", "menu_scorecard"),
        {
            content: "open the scorecard in use",
            trigger: ".o_list_view .o_data_row:has(.text-bg-success) .o_data_cell[name='name']",
            run: "click",
        },
        inState("active"),
        press("action_new_version"),
        inState("draft"),
        {
            content: "open the first criterion",
            trigger: ".o_field_widget[name='criterion_ids'] .o_data_row:first .o_data_cell[name='name']",
            run: "click",
        },
        {
            content: "change its weight",
            trigger: `${DIALOG} .o_field_widget[name='weight'] input`,
            run: "edit 40",
        },
        {
            content: "its bands are there",
            trigger: `${DIALOG} .o_field_widget[name='band_ids'] .o_data_row:eq(2)`,
        },
        {
            content: "keep it",
            trigger: `${DIALOG} .o_form_button_save`,
            run: "click",
        },
        {
            content: "the dialog is closed, the list has the new weight",
            trigger: "body:not(:has(.modal)) .o_field_widget[name='criterion_ids'] .o_data_row:first .o_data_cell[name='weight']:contains('40')",
        },
        press("action_preview"),
        {
            content: "the preview lists whose grade would change",
            trigger: `${DIALOG} .o_field_widget[name='line_ids'] .o_data_row:contains('Hengtong Industries'):has(.text-bg-success)`,
        },
        {
            content: "close the preview",
            trigger: `${DIALOG} footer button[special='cancel']`,
            run: "click",
        },
        {
            content: "the preview is closed and nothing has changed",
            trigger: "body:not(:has(.modal)) .o_statusbar_status .o_arrow_button_current[data-value='draft']",
        },
        press("action_activate"),
        {
            content: "agree",
            trigger: `${DIALOG} footer .btn-primary`,
            run: "click",
        },
        inState("active"),
    ],
});
