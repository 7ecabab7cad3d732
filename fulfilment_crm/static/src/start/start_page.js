import { Component, onWillStart, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { deserializeDate, deserializeDateTime, toLocaleDateString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { user } from "@web/core/user";
import { Layout } from "@web/search/layout";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { StartChart } from "./start_chart";

/** What somebody in a role needs to see first. The server says what; here it is only drawn, and opened. */
export class FulfilmentStartPage extends Component {
    static template = "fulfilment_crm.StartPage";
    static components = { Layout, StartChart };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.latest = new KeepLast();
        this.display = { controlPanel: {} };
        this.state = useState({ page: null, hidden: Boolean(browser.localStorage.getItem(this.hiding)) });
        this.doneTitle = _t("Done");
        this.openTitle = _t("To be done");
        onWillStart(() => this.load(browser.localStorage.getItem(this.memory)));
    }

    /** Where the role chosen last is remembered, for each user of this browser. */
    get memory() {
        return `fulfilment_start_role_${user.userId}`;
    }

    /** Where it is remembered that somebody has no need of the checklist. */
    get hiding() {
        return `fulfilment_checklist_hidden_${user.userId}`;
    }

    get progress() {
        const steps = this.state.page.checklist;
        return _t("Set up: %(done)s of %(all)s are done", { done: steps.filter((step) => step.done).length, all: steps.length });
    }

    hideChecklist() {
        browser.localStorage.setItem(this.hiding, "1");
        this.state.hidden = true;
    }

    async load(role) {
        this.state.page = await this.latest.add(this.orm.call("fulfilment.start", "get_page", [], { role: role || null }));
    }

    choose(role) {
        browser.localStorage.setItem(this.memory, role);
        return this.load(role);
    }

    open(action) {
        return this.action.doAction(action);
    }

    openLine(line) {
        return this.action.doAction({
            type: "ir.actions.act_window", res_model: line.model, res_id: line.id, views: [[false, "form"]], target: "current",
        });
    }

    value(card) {
        return card.value && card.value.amount ? formatMonetary(card.value.amount, { currencyId: card.value.currency }) : "";
    }

    date(line) {
        if (!line.date) {
            return "";
        }
        return toLocaleDateString(line.date.length > 10 ? deserializeDateTime(line.date) : deserializeDate(line.date));
    }
}

registry.category("actions").add("fulfilment_start", FulfilmentStartPage);
