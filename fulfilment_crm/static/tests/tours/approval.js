import { registry } from "@web/core/registry";
import { approve, inState, menu, nothingToDecide, openApp, page, press } from "./helpers";

/** From the menu to the form of the contract that waits; the tests name it so. */
function openWaiting() {
    return [
        ...openApp(),
        ...menu("menu_work", "menu_to_approve"),
        {
            content: "open the contract that waits",
            trigger: ".o_list_view .o_data_row:contains('Waiting pumps') .o_data_cell[name='name']",
            run: "click",
        },
        inState("in_approval"),
    ];
}

registry.category("web_tour.tours").add("fulfilment_approve", {
    url: "/odoo",
    steps: () => [
        ...openWaiting(),
        ...approve(),
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
        inState("draft"),
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
