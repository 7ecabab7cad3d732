import { registry } from "@web/core/registry";
import { menu, openApp, press } from "./helpers";

const DIALOG = ".modal:not(.o_inactive_modal)";

registry.category("web_tour.tours").add("fulfilment_strategy_tried", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_configuration", "menu_collection_strategy"),
        {
            content: "open the strategy",
            trigger: ".o_list_view .o_data_row:contains('Tour strategy') .o_data_cell[name='name']",
            run: "click",
        },
        press("action_try"),
        {
            content: "count",
            trigger: `${DIALOG} button[name='action_count']`,
            run: "click",
        },
        {
            content: "the letter it would send is listed",
            trigger: `${DIALOG} .o_field_widget[name='line_ids'] .o_data_row:contains('Hengtong Industries')`,
        },
        {
            content: "close",
            trigger: `${DIALOG} button[special='cancel']`,
            run: "click",
        },
        {
            content: "the strategy is still there",
            trigger: ".o_form_view button[name='action_try']",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_call_promise", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_collection", "menu_collection_work"),
        {
            content: "the customer has been called",
            trigger: ".o_list_view .o_data_row:contains('Hengtong Industries') button[name='action_call']",
            run: "click",
        },
        {
            content: "a promise is proposed",
            trigger: `${DIALOG} .o_field_widget[name='amount'] input`,
        },
        {
            content: "take it down",
            trigger: `${DIALOG} button[name='action_confirm']`,
            run: "click",
        },
        {
            content: "the dialog is gone",
            trigger: "body:not(:has(.modal)) .o_action_manager .o_list_view",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_owed_dispute", {
    steps: () => [
        {
            content: "something is wrong",
            trigger: ".o_fulfilment_owed button[data-answer='dispute']",
            run: "click",
        },
        {
            content: "the amount",
            trigger: ".o_fulfilment_owed form[data-form='dispute'] input[name='amount']:visible",
            run: "edit 40",
        },
        {
            content: "what is wrong",
            trigger: ".o_fulfilment_owed form[data-form='dispute'] textarea[name='text']",
            run: "edit Two leak",
        },
        {
            content: "send",
            trigger: ".o_fulfilment_owed form[data-form='dispute'] button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it was taken",
            trigger: ".o_fulfilment_owed .alert-success",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_statement_confirmed", {
    url: "/my/home",
    steps: () => [
        {
            content: "statements",
            trigger: ".o_portal_index_card a[href='/my/fulfilment/statements']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "open the statement",
            trigger: ".o_portal_my_doc_table a",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the name is filled in; the balance is right",
            trigger: ".o_fulfilment_statement_answer button.o_fulfilment_confirm",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it was taken",
            trigger: ".o_fulfilment_statement_page .text-bg-success",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_gate_tried", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_configuration", "menu_gate_trial"),
        press("action_try"),
        {
            content: "what came of it",
            trigger: ".o_form_view .o_field_widget[name='summary'] table tbody tr",
        },
        {
            content: "the order behind it",
            trigger: ".o_form_view .o_field_widget[name='line_ids'] .o_data_row:contains('Hengtong Industries')",
        },
    ],
});
