import { registry } from "@web/core/registry";
import { choose, inState, menu, page, press, signOnPaper, TOP, within } from "./helpers";

const START = ".o_fulfilment_start";

/** A line of a card of the start page. */
function line(card, text) {
    return {
        content: `open ${text} of ${card}`,
        trigger: `${START} [data-card='${card}'] .o_line:contains('${text}')`,
        run: "click",
    };
}

/** Write into a field of several lines. */
function write(field, text, inside) {
    return {
        content: `write ${field}`,
        trigger: `${inside} .o_field_widget[name='${field}'] textarea`,
        run: `edit ${text}`,
    };
}

/** No dialog is open any more. */
function closed(shows) {
    return {
        content: "the dialog is closed",
        trigger: `body:not(:has(.modal)) .o_form_view ${shows}`,
    };
}

/** A job in the web client, in so many clicks at most, typing not counted. */
function job(name, url, clicks, steps) {
    registry.category("web_tour.tours").add(`fulfilment_daily_${name}`, { url, steps: () => within(clicks, steps()) });
}

/** The same, on a record whose address the test gives. */
function jobOn(name, clicks, steps) {
    job(name, undefined, clicks, steps);
}

jobOn("contract", 2, () => [
    press("action_create_fulfilment_contract"),
    inState("draft"),
    press("action_submit"),
    inState("in_approval"),
]);

jobOn("alone", 5, () => [
    press("action_create_fulfilment_contract"),
    inState("draft"),
    press("action_submit"),
    inState("approved"),
    ...signOnPaper(),
    inState("active"),
]);

job("quotation", "/odoo/orders", 3, () => [
    {
        content: "begin with an empty form",
        trigger: ".o_list_button_add",
        run: "click",
    },
    ...choose("partner_id", "Hengtong"),
    {
        content: "add a line",
        trigger: ".o_form_view .o_field_widget[name='order_line'] .o_field_x2many_list_row_add a",
        run: "click",
    },
    ...choose("product_template_id", "Pump P1", ".o_field_widget[name='order_line']"),
    {
        content: "the line has its price",
        trigger: ".o_field_widget[name='order_line'] .o_field_widget[name='price_unit'] input:value(1,000.00)",
    },
    press("action_confirm"),
    inState("sale"),
]);

job("approve", "/odoo/fulfilment-start", 2, () => [
    line("approvals", "Pumps to approve"),
    inState("pending"),
    press("action_approve"),
    {
        content: "the own step is taken",
        trigger: ".o_form_view:not(:has(button[name='action_approve']))",
    },
]);

job("reject", "/odoo/fulfilment-start", 3, () => [
    line("approvals", "Pumps to approve"),
    inState("pending"),
    press("action_reject"),
    write("reason", "The cap on damages is too low", TOP),
    press("action_confirm", TOP),
    inState("rejected"),
]);

job("rejected", "/odoo/fulfilment-start", 1, () => [
    line("activities_today", "Pumps to approve"),
    {
        content: "whoever submitted reads on top who rejected it and why",
        trigger: ".o_form_view .alert-danger:contains('The cap on damages is too low')",
    },
]);

job("delegate", "/odoo/fulfilment-start", 3, () => [
    ...menu("menu_work", "menu_away"),
    ...choose("delegate_id", "f_sales_2", TOP),
    {
        content: "until when: a week",
        trigger: `${TOP} .o_field_widget[name='date_to'] input`,
        run: "edit +7d",
    },
    {
        content: "keep it",
        trigger: `${TOP} .o_form_button_save`,
        run: "click",
    },
    {
        content: "it is kept",
        trigger: "body:not(:has(.modal))",
    },
]);

job("release", "/odoo/fulfilment-start", 4, () => [
    line("approvals", "S"),
    {
        content: "why it is held stands there",
        trigger: ".o_form_view .o_field_widget[name='document'] p:not(:empty)",
    },
    press("action_approve"),
    write("reason", "Bank guarantee received", TOP),
    press("action_release", TOP),
    inState("approved"),
]);

job("grade", "/odoo/fulfilment-profiles", 4, () => [
    {
        content: "open the customer",
        trigger: ".o_list_view .o_data_row:contains('Hengtong') .o_data_cell[name='partner_id'], .o_kanban_record:contains('Hengtong')",
        run: "click",
    },
    ...page("credit"),
    press("action_open_last_assessment"),
    {
        content: "the figures it rests on",
        trigger: ".o_field_widget[name='explanation'] table tbody tr:eq(4)",
    },
]);

jobOn("log", 2, () => [
    press("action_log_interaction"),
    {
        content: "what it was about",
        trigger: `${TOP} .o_field_widget[name='topic'] input`,
        run: "edit Dates of delivery",
    },
    press("action_log", TOP),
    closed("button[name='action_log_interaction']"),
]);

/** Plan a visit where the form offers it. */
function plan() {
    return [
        press("action_plan_visit"),
        {
            content: "it is about the customer",
            trigger: `${TOP} .o_field_widget[name='name'] input:value(Hengtong)`,
        },
        {
            content: "save it",
            trigger: `${TOP} footer button[special='save']:enabled`,
            run: "click",
        },
        closed("button[name='action_plan_visit']"),
    ];
}

jobOn("visit", 2, plan);

jobOn("visit_moved", 2, () => [
    press("action_move"),
    {
        content: "put it elsewhere",
        trigger: `${TOP} .o_field_widget[name='location'] input`,
        run: "edit Works in Ningbo",
    },
    {
        content: "save it",
        trigger: `${TOP} footer button[special='save']:enabled`,
        run: "click",
    },
    closed("button[name='action_move']"),
]);

job("ticket_solve", "/odoo/fulfilment-start", 4, () => [
    line("tickets_mine", "The pump leaks"),
    press("action_take"),
    press("action_solve"),
    write("solution", "The seal was replaced", TOP),
    ...choose("cause_id", "P1", TOP),
    press("action_confirm", TOP),
    closed("button[name='action_close']"),
]);

job("ticket_new", "/odoo/fulfilment-start", 3, () => [
    {
        content: "open the own tickets",
        trigger: `${START} [data-card='tickets_mine'] .o_card_head`,
        run: "click",
    },
    {
        content: "begin with an empty form",
        trigger: ".o_list_view .o_list_button_add",
        run: "click",
    },
    {
        content: "what it is about",
        trigger: ".o_form_view .o_field_widget[name='title'] input, .o_form_view .o_field_widget[name='title'] textarea",
        run: "edit A spare part is missing",
    },
    ...choose("partner_id", "Hengtong"),
    {
        content: "save it",
        trigger: ".o_form_view .o_form_button_save",
        run: "click",
    },
    {
        content: "it has its number",
        trigger: ".o_form_view .oe_title .o_field_widget[name='name']:contains('T/')",
    },
]);

jobOn("amend", 4, () => [
    press("action_amend"),
    {
        content: "a draft of an amendment to this contract",
        trigger: ".o_form_view .o_field_widget[name='contract_id']",
    },
    write("reason", "The harbour is closed", ".o_form_view"),
    {
        content: "add a change",
        trigger: ".o_form_view .o_field_widget[name='line_ids'] .o_field_x2many_list_row_add a",
        run: "click",
    },
    ...choose("milestone_id", "Delivery of lot 2", TOP),
    {
        content: "to another day",
        trigger: `${TOP} .o_field_widget[name='value_date'] input`,
        run: "edit +60d",
    },
    {
        content: "keep the change",
        trigger: `${TOP} .o_form_button_save`,
        run: "click",
    },
    closed(".o_field_widget[name='line_ids'] .o_data_row:contains('Delivery of lot 2')"),
    press("action_submit"),
    inState("in_approval"),
]);

/** A page of the portal that is opened by a click. */
function go(content, trigger) {
    return { content, trigger, run: "click", expectUnloadPage: true };
}

job("portal_sign", "/my", 4, () => [
    go("open the contracts", ".o_portal_index_card a[href$='/my/fulfilment/contracts']"),
    go("open the contract to sign", ".o_portal_my_doc_table tr:has(.badge.text-bg-primary) a[href*='/my/fulfilment/contracts/']"),
    {
        content: "read and sign",
        trigger: "button.o_fulfilment_sign",
        run: "click",
    },
    {
        content: "the name is that of the person",
        trigger: ".modal .o_web_sign_name_and_signature input[name='signer']:value(Lin Wei)",
    },
    {
        content: "the signature is drawn from the name",
        trigger: ".modal canvas.o_web_sign_signature",
        run: "canvasNotEmpty",
    },
    go("sign", ".modal .o_portal_sign_submit:enabled"),
    {
        content: "it is signed",
        trigger: ".o_fulfilment_portal .alert-success",
    },
]);

const ACCEPT = ".o_fulfilment_portal .list-group-item:has(form.o_fulfilment_accept):first";

jobOn("portal_accept", 3, () => [
    {
        content: "accepting begins with what follows from it",
        trigger: `${ACCEPT} button.o_fulfilment_accept_open`,
        run: "click",
    },
    {
        trigger: ".o_fulfilment_accept.show:not(.collapsing)",
    },
    {
        content: "say where",
        trigger: `${ACCEPT} input[name='place']`,
        run: "edit Ningbo",
    },
    {
        content: "say how",
        trigger: `${ACCEPT} input[name='method']`,
        run: "edit Trial run",
    },
    {
        content: "it was examined",
        trigger: `${ACCEPT} input[name='examined']`,
        run: "click",
    },
    go("accept", `${ACCEPT} form.o_fulfilment_accept button[type='submit']`),
    {
        content: "the acceptance is on record",
        trigger: ".o_fulfilment_portal:has(> .alert-success)",
    },
]);

job("portal_ticket", "/my", 3, () => [
    go("open the complaints and requests", ".o_portal_index_card a[href='/my/fulfilment/tickets']"),
    go("write a new one", "a.o_fulfilment_new_ticket"),
    {
        content: "what it is about",
        trigger: ".o_fulfilment_ticket_form input[name='title']",
        run: "edit The gauge is broken",
    },
    {
        content: "describe it",
        trigger: ".o_fulfilment_ticket_form textarea[name='description']",
        run: "edit The glass is gone",
    },
    go("send it", ".o_fulfilment_ticket_form button[type='submit']"),
    {
        content: "it has arrived",
        trigger: ".o_fulfilment_ticket .alert-success",
    },
]);

jobOn("portal_rate", 2, () => [
    {
        content: "rate it",
        trigger: ".o_fulfilment_confirm label[for='confirm_rating_5']",
        run: "click",
    },
    go("confirm", ".o_fulfilment_confirm button[type='submit']"),
    {
        content: "the rating is there",
        trigger: ".o_fulfilment_rated:contains('5')",
    },
]);
