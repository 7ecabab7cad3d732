import { registry } from "@web/core/registry";
import { page, press } from "./helpers";

const DIALOG = ".modal:not(.o_inactive_modal)";

/** Choose a mark of the phone survey. */
function mark(dimension, value) {
    return {
        content: `mark ${dimension} with ${value}`,
        trigger: `${DIALOG} .o_field_widget[name='${dimension}'] .o_radio_item:contains('${value}') input`,
        run: "click",
    };
}

registry.category("web_tour.tours").add("fulfilment_phone_survey", {
    steps: () => [
        {
            content: "the request waits for an answer",
            trigger: ".o_statusbar_status .o_arrow_button_current[data-value='sent']",
        },
        press("action_phone"),
        mark("quality", "1"),
        mark("response", "2"),
        mark("value", "3"),
        {
            content: "note what the customer said",
            trigger: `${DIALOG} .o_field_widget[name='comment'] textarea`,
            run: "edit The pump leaks again",
        },
        press("action_save", DIALOG),
        {
            content: "the customer is dissatisfied",
            trigger: ".o_form_view .o_field_widget[name='level'] .text-bg-danger",
        },
        {
            content: "the mean rests on what was answered",
            trigger: ".o_form_view .o_field_widget[name='average']:contains('2.00')",
        },
        {
            content: "it says who entered it",
            trigger: ".o_form_view .alert-info .o_field_widget[name='entered_by_id']:contains('f_sales')",
        },
        ...page("follow_up"),
        {
            content: "weak dimensions have their actions",
            trigger: ".o_field_widget[name='improvement_ids'] .o_data_row:eq(2)",
        },
        press("action_open_case"),
        {
            content: "the case is there",
            trigger: ".o_form_view .o_field_widget[name='ticket_type']",
        },
        ...page("deadlines"),
        {
            content: "with a proposal due in 48 hours",
            trigger: ".o_field_widget[name='deadline_ids'] .o_data_row:contains('Fed back')",
        },
    ],
});
