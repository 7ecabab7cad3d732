import { registry } from "@web/core/registry";
import { choose, inState, press, TOP } from "./helpers";

const LINES = ".o_form_view .o_field_widget[name='order_line']";

/** Open the cell of the first order line and type into it. */
function type(field, value) {
    return [
        {
            content: `open ${field} of the line`,
            trigger: `${LINES} .o_data_row:first .o_data_cell[name='${field}']`,
            run: "click",
        },
        {
            content: `type ${field}`,
            trigger: `${LINES} .o_selected_row .o_field_widget[name='${field}'] input`,
            run: `edit ${value}`,
        },
    ];
}

/** Save the form and wait until it is. */
function save() {
    return [
        {
            content: "save",
            trigger: ".o_form_view .o_form_button_save",
            run: "click",
        },
        {
            content: "it is saved",
            trigger: ".o_form_view .o_form_saved, .o_form_view:not(:has(.o_form_button_save:visible))",
        },
    ];
}

registry.category("web_tour.tours").add("fulfilment_order_typed", {
    url: "/odoo/orders",
    steps: () => [
        {
            content: "begin with an empty form",
            trigger: ".o_list_button_add",
            run: "click",
        },
        ...choose("partner_id", "Hengtong"),
        {
            content: "add a line",
            trigger: `${LINES} .o_field_x2many_list_row_add a`,
            run: "click",
        },
        ...choose("product_template_id", "Pump P1", LINES),
        {
            content: "the line has its price",
            trigger: `${LINES} .o_data_row .o_field_widget[name='price_unit'] input:value(1,000.00)`,
        },
        ...save(),
        ...type("product_uom_qty", "2"),
        ...save(),
        press("action_confirm"),
        inState("sale"),
        ...type("product_uom_qty", "3"),
        ...save(),
        {
            content: "the order is larger",
            trigger: `.o_form_view .o_field_widget[name='tax_totals']:contains('3,000.00')`,
        },
        {
            content: "give a discount",
            trigger: ".o_form_view button[name='action_open_discount_wizard']",
            run: "click",
        },
        {
            content: "of ten percent",
            trigger: `${TOP} .o_field_widget[name='discount_percentage'] input`,
            run: "edit 10",
        },
        press("action_apply_discount", TOP),
        {
            content: "the order is smaller",
            trigger: `body:not(:has(.modal)) .o_form_view .o_field_widget[name='tax_totals']:contains('2,700.00')`,
        },
        {
            content: "invoice a down payment",
            trigger: ".o_form_view .o_statusbar_buttons button#create_invoice, .o_form_view .o_statusbar_buttons button#create_invoice_percentage",
            run: "click",
        },
        {
            content: "a percentage",
            trigger: `${TOP} .o_field_widget[name='advance_payment_method'] .o_radio_item:has(input[data-value='percentage']) input`,
            run: "click",
        },
        {
            content: "of thirty",
            trigger: `${TOP} .o_field_widget[name='amount'] input`,
            run: "edit 30",
        },
        press("create_invoices", TOP),
        {
            content: "the invoice is drafted",
            trigger: ".o_form_view .o_field_widget[name='invoice_line_ids']",
        },
        {
            content: "back to the order",
            trigger: ".o_control_panel .o_back_button, .o_control_panel .breadcrumb-item:last a",
            run: "click",
        },
        inState("sale"),
        {
            content: "the down payment stands on the order",
            trigger: `${LINES} .o_data_row:eq(2)`,
        },
        press("action_cancel"),
        {
            content: "Odoo asks whether it is meant",
            trigger: `${TOP} .modal-footer .btn-primary`,
            run: "click",
        },
        inState("cancel"),
        {
            content: "open the menu of actions",
            trigger: ".o_control_panel .o_cp_action_menus .dropdown-toggle, .o_control_panel .o_cp_action_menus button:has(.fa-cog)",
            run: "click",
        },
        {
            content: "copy it",
            trigger: ".o-dropdown--menu .o_menu_item:has(.fa-clone)",
            run: "click",
        },
        inState("draft"),
        {
            content: "the copy has its line",
            trigger: `${LINES} .o_data_row:contains('3.00')`,
        },
        press("action_confirm"),
        inState("sale"),
    ],
});
