import { registry } from "@web/core/registry";
import { inState, menu, openApp, press } from "./helpers";

const DIALOG = ".modal:not(.o_inactive_modal)";

registry.category("web_tour.tours").add("fulfilment_reward_rule", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_configuration", "menu_reward_rule"),
        {
            content: "open the rule in preparation",
            trigger: ".o_list_view .o_data_row:contains('Paid on time') .o_data_cell[name='name']",
            run: "click",
        },
        inState("draft"),
        press("action_preview"),
        {
            content: "the preview says whom it would reward",
            trigger: `${DIALOG} .o_field_widget[name='line_ids'] .o_data_row:contains('Hengtong Industries')`,
        },
        {
            content: "and how many",
            trigger: `${DIALOG} .o_field_widget[name='fitting_count']:contains('1')`,
        },
        {
            content: "close the preview",
            trigger: `${DIALOG} footer button[special='cancel']`,
            run: "click",
        },
        {
            content: "nothing has changed",
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

registry.category("web_tour.tours").add("fulfilment_reward_granted", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_customers", "menu_reward_grant"),
        {
            content: "open the reward",
            trigger: ".o_list_view .o_data_row:contains('Hengtong Industries') .o_data_cell[name='partner_id']",
            run: "click",
        },
        inState("granted"),
        {
            content: "the figures it rests on",
            trigger: ".o_form_view .o_field_widget[name='reason_told']:contains('100.00')",
        },
        {
            content: "what was given",
            trigger: ".o_form_view .oe_title .o_field_widget[name='reward_text']:contains('500')",
        },
    ],
});

registry.category("web_tour.tours").add("fulfilment_reward_portal", {
    url: "/my",
    steps: () => [
        {
            content: "open points and rewards",
            trigger: "a[href='/my/fulfilment/rewards']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the balance",
            trigger: ".o_fulfilment_rewards .o_fulfilment_balance:contains('500')",
        },
        {
            content: "what for",
            trigger: ".o_fulfilment_rewards .o_fulfilment_history:contains('Paid on time, thank you')",
        },
        {
            content: "the rule that is shown",
            trigger: ".o_fulfilment_rewards .o_fulfilment_chance:has(.badge):contains('Paid on time')",
        },
    ],
});
