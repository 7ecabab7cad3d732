import { registry } from "@web/core/registry";
import { openApp } from "./helpers";

const PAGE = ".o_fulfilment_start";

/** The app begins with the page of the role; a number and a point of a chart open what they count. */
function startTour(role, card, point) {
    return [
        ...openApp(),
        {
            content: `the app begins with the page of ${role}`,
            trigger: `${PAGE}[data-role='${role}'] [data-card='${card}']`,
        },
        {
            content: "it is in Odoo's look, one column of cards at least",
            trigger: `${PAGE} .o_cards`,
            run({ anchor }) {
                if (getComputedStyle(anchor).display !== "grid") {
                    throw new Error("The page has no style.");
                }
            },
        },
        {
            content: "a number opens its records",
            trigger: `${PAGE} [data-card='${card}'] .o_card_head`,
            run: "click",
        },
        {
            content: "they are here",
            trigger: ".o_list_view .o_data_row",
        },
        {
            content: "back to the page",
            trigger: ".o_control_panel .breadcrumb-item a, .o_control_panel .o_back_button",
            run: "click",
        },
        ...(point
            ? [
                  {
                      content: "the chart is drawn",
                      trigger: `${PAGE} [data-chart='${point}'] canvas`,
                      run({ anchor }) {
                          if (!anchor.height) {
                              throw new Error("The chart is empty.");
                          }
                      },
                  },
                  {
                      content: "the table says the same",
                      trigger: `${PAGE} [data-chart='${point}'] summary`,
                      run: "click",
                  },
                  {
                      content: "the last month opens its records",
                      trigger: `${PAGE} [data-chart='${point}'] [data-point='0-11']`,
                      run: "click",
                  },
                  {
                      content: "here they are",
                      trigger: ".o_list_view .o_data_row",
                  },
              ]
            : []),
    ];
}

for (const [role, card, point] of [
    ["sales", "milestones_week", "turnover"],
    ["service", "tickets_mine", "tickets"],
    ["credit", "overdue", "turnover"],
    ["manager", "risks_grave", "turnover"],
    ["legal", "activities_today"],
    ["inspector", "responses"],
]) {
    registry.category("web_tour.tours").add(`fulfilment_start_${role}`, { url: "/odoo", steps: () => startTour(role, card, point) });
}

registry.category("web_tour.tours").add("fulfilment_start_line", {
    url: "/odoo/fulfilment-start",
    steps: () => [
        {
            content: "switch to the other role",
            trigger: `${PAGE}[data-role='manager'] [data-choose='sales']`,
            run: "click",
        },
        {
            content: "its page is here",
            trigger: `${PAGE}[data-role='sales'] [data-card='tickets_mine']`,
        },
        {
            content: "what is empty says what will be there",
            trigger: `${PAGE} [data-card='orders_held'] .o_empty`,
        },
        {
            content: "a line opens its record",
            trigger: `${PAGE} [data-card='tickets_mine'] .o_line:contains('Leak')`,
            run: "click",
        },
        {
            content: "here it is",
            trigger: ".o_form_view .o_field_widget[name='title']",
        },
        {
            content: "back to the page",
            trigger: ".o_control_panel .breadcrumb-item a, .o_control_panel .o_back_button",
            run: "click",
        },
        {
            content: "the role chosen is remembered",
            trigger: `${PAGE}[data-role='sales']`,
        },
    ],
});
