import { registry } from "@web/core/registry";
import { inState, menu, openApp, page, press } from "./helpers";

const DIALOG = ".modal:not(.o_inactive_modal)";

/** Give the reason a dialog asks for. */
function because(text) {
    return [
        {
            content: "say why",
            trigger: `${DIALOG} .o_field_widget[name='reason'] textarea`,
            run: `edit ${text}`,
        },
        {
            content: "confirm",
            trigger: `${DIALOG} button[name='action_confirm']`,
            run: "click",
        },
    ];
}

/** Confirm what cannot be undone. */
const confirmed = {
    content: "yes",
    trigger: `${DIALOG} .modal-footer .btn-primary`,
    run: "click",
};

registry.category("web_tour.tours").add("fulfilment_damages_claimed", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_contracts", "menu_damages"),
        {
            content: "open the damages",
            trigger: ".o_list_view .o_data_row .o_data_cell[name='partner_id']",
            run: "click",
        },
        {
            content: "the calculation is there",
            trigger: ".o_field_widget[name='calculation']:contains('×')",
        },
        press("action_claim"),
        confirmed,
        inState("claimed"),
    ],
});

registry.category("web_tour.tours").add("fulfilment_damages_objected", {
    steps: () => [
        {
            content: "how it is worked out",
            trigger: ".o_fulfilment_damages summary",
            run: "click",
        },
        {
            content: "object",
            trigger: ".o_fulfilment_damages button[data-bs-toggle='collapse']",
            run: "click",
        },
        {
            content: "say what",
            trigger: ".o_fulfilment_object.show textarea[name='text']",
            run: "edit You were late yourselves",
        },
        {
            content: "send it",
            trigger: ".o_fulfilment_object.show button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it was taken",
            trigger: ".o_fulfilment_damages:contains('You were late yourselves')",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_breach_cured", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_contracts", "menu_breach_case"),
        {
            content: "open the case",
            trigger: ".o_list_view .o_data_row .o_data_cell[name='partner_id']",
            run: "click",
        },
        press("action_notice"),
        {
            content: "the notice is drafted",
            trigger: ".o_form_view .o_field_widget[name='body'] textarea",
        },
        press("action_issue"),
        confirmed,
        inState("issued"),
        press("action_delivered"),
        {
            content: "what proves it",
            trigger: `${DIALOG} .o_field_widget[name='proof'] input`,
            run: "edit Signed receipt",
        },
        {
            content: "note it",
            trigger: `${DIALOG} button[name='action_confirm']`,
            run: "click",
        },
        inState("delivered"),
        {
            content: "back to the case",
            trigger: ".o_breadcrumb .o_back_button",
            run: "click",
        },
        inState("noticed"),
        press("action_cured"),
        confirmed,
        inState("cured"),
    ],
});

registry.category("web_tour.tours").add("fulfilment_breach_to_court", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_contracts", "menu_legal_step"),
        {
            content: "open the lawsuit",
            trigger: ".o_list_view .o_data_row .o_data_cell[name='kind']",
            run: "click",
        },
        press("action_begin"),
        inState("running"),
        press("action_done"),
        ...because("Judgment, and paid"),
        inState("done"),
        {
            content: "to the case",
            trigger: ".o_field_widget[name='breach_id'] a",
            run: "click",
        },
        inState("legal"),
        ...page("account"),
        {
            content: "both orders stand side by side",
            trigger: ".o_fulfilment_account h5:eq(1)",
        },
        {
            content: "what was recovered",
            trigger: ".o_field_widget[name='amount_recovered'] input",
            run: "edit 1000 && press Tab",
        },
        press("action_make_evidence"),
        press("action_close"),
        ...because("Paid after judgment"),
        inState("closed"),
    ],
});
