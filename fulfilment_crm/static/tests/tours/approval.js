import { registry } from "@web/core/registry";
import { inState, menu, nothingToDecide, openApp, page, press } from "./helpers";

/** From the menu to the page of the step that waits; the tests name the contract so. */
function openWaiting() {
    return [
        ...openApp(),
        ...menu("menu_work", "menu_to_approve"),
        {
            content: "open what waits, with its amount in the list",
            trigger: ".o_list_view .o_data_row:contains('Waiting pumps'):has(.o_data_cell[name='amount']:contains('.00')) .o_data_cell[name='record_name']",
            run: "click",
        },
        inState("pending"),
        {
            content: "the contract stands there as the customer reads it",
            trigger: ".o_field_widget[name='document'] h2:contains('Waiting pumps')",
        },
    ];
}

registry.category("web_tour.tours").add("fulfilment_approve", {
    url: "/odoo",
    steps: () => [
        ...openWaiting(),
        press("action_approve"),
        nothingToDecide("the own step is taken"),
        inState("approved"),
    ],
});

registry.category("web_tour.tours").add("fulfilment_reject", {
    url: "/odoo",
    steps: () => [
        ...openWaiting(),
        press("action_reject"),
        {
            content: "no rejection without a reason",
            trigger: ".modal button[name='action_confirm']",
            run: "click",
        },
        {
            content: "the dialog asks again",
            trigger: ".modal .o_field_widget[name='reason'].o_field_invalid",
        },
        {
            content: "say why",
            trigger: ".modal .o_field_widget[name='reason'] textarea",
            run: "edit The cap on damages is too low",
        },
        press("action_confirm", ".modal"),
        inState("rejected"),
    ],
});

registry.category("web_tour.tours").add("fulfilment_submitter_waits", {
    steps: () => [
        inState("in_approval"),
        nothingToDecide("nobody approves their own submission"),
        ...page("approval"),
        {
            content: "the first step waits for others",
            trigger: ".o_field_widget[name='approval_ids'] .o_data_row:first:has(.text-bg-info)",
        },
        {
            content: "what was submitted cannot be changed",
            trigger: ".o_field_widget[name='title'].o_readonly_modifier",
        },
    ],
});
