import { registry } from "@web/core/registry";
import { inState, page, press, signOnPaper, TOP as DIALOG } from "./helpers";

registry.category("web_tour.tours").add("fulfilment_order_to_contract", {
    steps: () => [
        press("action_create_fulfilment_contract"),
        inState("draft"),
        ...page("timeline"),
        {
            content: "what we owe stands on our side",
            trigger: ".o_fulfilment_timeline_entry.o_side_us.o_state_pending",
        },
        {
            content: "what the customer owes stands on the other side, with the amount",
            trigger: ".o_fulfilment_timeline_entry.o_side_customer.o_state_pending:contains('3,000.00')",
        },
        ...page("milestones"),
        {
            content: "the milestones of the template are there",
            trigger: ".o_field_widget[name='milestone_ids'] .o_data_row:eq(4)",
        },
        ...page("findings"),
        {
            content: "a gap that must be filled was found while drafting",
            trigger: ".o_field_widget[name='finding_ids'] .o_data_row.text-danger:contains('Place of delivery')",
        },
        ...page("clauses"),
        {
            content: "open the clause with the gap",
            trigger: ".o_field_widget[name='clause_ids'] .o_data_cell[name='name']:contains('Delivery of the Goods')",
            run: "click",
        },
        {
            content: "the gap shows in the wording",
            trigger: `${DIALOG} .o_field_widget[name='text']:contains('delivery_place')`,
        },
        {
            content: "write into the empty parameter",
            trigger: `${DIALOG} .o_field_widget[name='parameter_ids'] .o_data_row:contains('Place of delivery') .o_data_cell[name='value_text']`,
            run: "click",
        },
        {
            content: "name the place",
            trigger: `${DIALOG} .o_selected_row .o_field_widget[name='value_text'] input`,
            run: "edit Works of the Customer, Ningbo && press Tab",
        },
        {
            content: "the place shows in the wording",
            trigger: `${DIALOG} .o_field_widget[name='text']:contains('Works of the Customer')`,
        },
        {
            content: "save the clause",
            trigger: `${DIALOG} .o_form_button_save`,
            run: "click",
        },
        {
            content: "the dialog is closed, and the form has something to save",
            trigger: "body:not(:has(.modal)) .o_form_view .o_form_status_indicator_buttons:not(.invisible) .o_form_button_save",
        },
        ...page("findings"),
        press("action_check"),
        {
            content: "nothing must be mended any more, something is worth a look",
            trigger: ".o_field_widget[name='finding_ids']:not(:has(.o_data_row.text-danger)) .o_data_row.text-warning",
        },
        press("action_submit"),
        inState("approved"),
        {
            content: "the check is over",
            trigger: ".o_notebook:not(:has(.nav-link[name='findings']))",
        },
        ...signOnPaper(),
        inState("active"),
        ...page("signature"),
        {
            content: "the signature is on record",
            trigger: ".o_field_widget[name='signed_by']:contains('Lin Wei')",
        },
    ],
});
