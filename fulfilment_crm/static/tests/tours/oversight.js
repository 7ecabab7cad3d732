import { registry } from "@web/core/registry";
import { inState, menu, openApp, page, press, TOP } from "./helpers";

const tours = registry.category("web_tour.tours");
const yes = { content: "yes", trigger: `${TOP} .modal-footer .btn-primary`, run: "click" };

/** Open the first record of a list by a field of it. */
function first(field) {
    return {
        content: "open the first",
        trigger: `.o_list_view .o_data_row:first .o_data_cell[name='${field}']`,
        run: "click",
    };
}

tours.add("fulfilment_review_reported", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_oversight", "menu_review"),
        first("user_id"),
        press("action_begin"),
        inState("in_review"),
        {
            content: "a mark was suggested from the facts",
            trigger: ".o_field_widget[name='answer_ids'] .o_data_row .o_data_cell[name='suggested']:not(:empty)",
        },
        {
            content: "write why",
            trigger: ".o_field_widget[name='answer_ids'] .o_data_row:first .o_data_cell[name='note']",
            run: "click",
        },
        {
            content: "the port was closed",
            trigger: ".o_field_widget[name='answer_ids'] .o_selected_row .o_field_widget[name='note'] input",
            run: "edit The port was closed",
        },
        ...page("picture"),
        {
            content: "the picture is there",
            trigger: ".o_field_widget[name='line_ids'] .o_data_row",
        },
        ...page("conclusion"),
        {
            content: "conclude",
            trigger: ".o_field_widget[name='conclusion'] textarea",
            run: "edit On a good way",
        },
        press("action_report"),
        yes,
        inState("reported"),
    ],
});

tours.add("fulfilment_finding_set_right", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_oversight", "menu_finding"),
        first("name"),
        {
            content: "say what sets it right",
            trigger: ".o_field_widget[name='action'] textarea",
            run: "edit Named somebody",
        },
        press("action_done"),
        inState("done"),
    ],
});

tours.add("fulfilment_handover_accepted", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_oversight", "menu_handover"),
        first("phase"),
        press("action_accept"),
        yes,
        inState("accepted"),
    ],
});

tours.add("fulfilment_mechanism_checked", {
    url: "/odoo",
    steps: () => [
        ...openApp(),
        ...menu("menu_oversight", "menu_mechanism"),
        {
            content: "open the mechanism",
            trigger: ".o_kanban_record:contains('Tour')",
            run: "click",
        },
        press("action_check"),
        {
            content: "to be improved",
            trigger: `${TOP} .o_field_widget[name='result'] input[data-value='improve']`,
            run: "click",
        },
        {
            content: "how",
            trigger: `${TOP} .o_field_widget[name='improvement'] textarea`,
            run: "edit Two more people",
        },
        press("action_confirm", TOP),
        {
            content: "it is in the log",
            trigger: ".o_field_widget[name='entry_ids'] .o_data_row:contains('Two more people')",
        },
    ],
});

tours.add("fulfilment_past_day", {
    steps: () => [
        ...page("oversight"),
        press("action_look_back"),
        {
            content: "the sheet is there",
            trigger: ".o_form_view .o_field_widget[name='sheet'] table:contains('Pumps in May')",
        },
        {
            content: "another day",
            trigger: ".o_field_widget[name='date'] input, .o_field_widget[name='date'] button",
        },
    ],
});
