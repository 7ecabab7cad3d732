import { registry } from "@web/core/registry";
import { menu, openApp, press } from "./helpers";

const DIALOG = ".modal:not(.o_inactive_modal)";
const MATRIX = ".o_fulfilment_risk_matrix";

registry.category("web_tour.tours").add("fulfilment_risk", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_risk", "menu_risk_matrix"),
        {
            content: "an empty matrix says what to do",
            trigger: `${MATRIX} .alert button[name='create']`,
            run: "click",
        },
        {
            content: "what may happen",
            trigger: ".o_form_view .o_field_widget[name='name'] input",
            run: "edit The customer may not pay",
        },
        {
            content: "how likely",
            trigger: ".o_form_view .o_field_widget[name='likelihood'] input",
            run: "edit 4",
        },
        {
            content: "how grave",
            trigger: ".o_form_view .o_field_widget[name='impact'] input",
            run: "edit 5",
        },
        {
            content: "save it",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "it is critical",
            trigger: ".o_form_saved .o_field_widget[name='level'] .text-bg-danger",
        },
        ...menu("menu_risk", "menu_risk_matrix"),
        {
            content: "it is counted",
            trigger: `${MATRIX} [data-place='4x5'].o_level_critical:contains('1')`,
        },
        {
            content: "nothing is judged after mitigation",
            trigger: `${MATRIX} button[name='residual']`,
            run: "click",
        },
        {
            content: "which is said",
            trigger: `${MATRIX} button[name='unjudged']:contains('1')`,
        },
        {
            content: "back",
            trigger: `${MATRIX} button[name='inherent']`,
            run: "click",
        },
        {
            content: "only mine",
            trigger: `${MATRIX}:not(:has(button[name='unjudged'])) button[name='mine']`,
            run: "click",
        },
        {
            content: "the arrow keys go from cell to cell",
            trigger: `${MATRIX}:has(button[name='mine'].active) [data-place='4x4']`,
            run({ anchor }) {
                anchor.focus();
                anchor.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
            },
        },
        {
            content: "the cell beside it has the focus",
            trigger: `${MATRIX} [data-place='4x5']:focus`,
            run: "click",
        },
        {
            content: "it opens its risks",
            trigger: ".o_list_view .o_data_row:contains('The customer may not pay')",
        },
        {
            content: "back to the matrix",
            trigger: ".o_control_panel .breadcrumb-item a, .o_control_panel .o_back_button",
            run: "click",
        },
        {
            content: "as it was left",
            trigger: `${MATRIX} button[name='mine'].active`,
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_drill", {
    steps: () => [
        press("action_start_response"),
        {
            content: "choose the plan",
            trigger: `${DIALOG} .o_field_widget[name='plan_id'] input`,
            run: "click",
        },
        {
            content: "of the customer who does not pay",
            trigger: ".o-autocomplete--dropdown-menu .dropdown-item:contains('Rehearsal')",
            run: "click",
        },
        {
            content: "as a drill",
            trigger: `${DIALOG} .o_field_widget[name='is_drill'] input`,
            run: "check",
        },
        press("action_start", DIALOG),
        {
            content: "it is under way",
            trigger: ".o_form_view .o_arrow_button_current[data-value='running']",
        },
        {
            content: "the first step is done",
            trigger: ".o_field_widget[name='step_ids'] .o_data_row:first button[name='action_done']",
            run: "click",
        },
        {
            content: "the second begins and is done",
            trigger: ".o_field_widget[name='step_ids'] .o_data_row:eq(1) button[name='action_done']",
            run: "click",
        },
        {
            content: "the drill is over",
            trigger: ".o_form_view .o_arrow_button_current[data-value='done']",
        },
    ],
});
