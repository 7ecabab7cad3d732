import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/** Guided start: a new user is led to the first contract. */
registry.category("web_tour.tours").add("fulfilment_first_contract", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            trigger: '.o_app[data-menu-xmlid="fulfilment_crm.menu_root"]',
            content: _t("Contracts, their milestones and reminders are here."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: 'button[data-menu-xmlid="fulfilment_crm.menu_contracts"]',
            content: _t("Open the contracts."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: 'a[data-menu-xmlid="fulfilment_crm.menu_contract"]',
            content: _t("All contracts you may see are listed here."),
            tooltipPosition: "right",
            run: "click",
        },
        {
            trigger: ".o_list_button_add",
            content: _t("Draft a contract by hand. From a confirmed order it takes one click on the order."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=partner_id] input",
            content: _t("Who is it with? Type a few letters."),
            tooltipPosition: "right",
            run: "edit Guided Start Ltd",
        },
        {
            isActive: ["auto"],
            trigger: ".o-autocomplete--dropdown-item a:contains(Guided Start Ltd)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=type_id] input",
            content: _t("The type says which clauses the contract must have."),
            tooltipPosition: "right",
            run: "edit Sale",
        },
        {
            isActive: ["auto"],
            trigger: ".o_field_widget[name=type_id] .o-autocomplete--dropdown-item a:contains(Sale)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=template_id] input:value(Sale)",
            content: _t("The template of the type is proposed. It brings clauses and milestones."),
            tooltipPosition: "right",
            run: "click",
        },
        {
            trigger: ".o_form_button_save",
            content: _t("Save. Clauses and milestones of the template are filled in."),
            tooltipPosition: "bottom",
            run: "click",
        },
        {
            trigger: ".o_notebook_headers .nav-link[name=findings]",
            content: _t("The check tells what is missing, contradictory or vague."),
            tooltipPosition: "top",
            run: "click",
        },
        {
            trigger: "button[name=action_check]",
            content: _t("Check now. When nothing must be mended any more, submit the contract for approval."),
            tooltipPosition: "right",
            run: "click",
        },
        {
            isActive: ["auto"],
            trigger: ".o_field_widget[name=finding_ids] .o_data_row",
        },
    ],
});
