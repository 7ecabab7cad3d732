import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { formatDate } from "@web/core/l10n/dates";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { useService } from "@web/core/utils/hooks";

/** The milestones of one contract from top to bottom: ours on the left, the customer's on the right. */
export class FulfilmentTimeline extends Component {
    static template = "fulfilment_crm.Timeline";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get entries() {
        const records = this.props.record.data[this.props.name].records;
        const kept = records.filter((record) => record.data.state !== "cancelled");
        return (kept.length ? kept : records)
            .map((record) => ({ id: record.resId, ...this.describe(record.data, Object.fromEntries(record.fields.state.selection)) }))
            .sort((one, other) => one.order - other.order);
    }

    get moved() {
        return this.entries.some((entry) => entry.first);
    }

    describe(data, stateNames) {
        const moved =
            data.date_first_planned && data.date_planned && !data.date_first_planned.equals(data.date_planned);
        const shown = data.date_done || data.date_planned;
        return {
            name: data.name,
            side: data.obligor === "us" ? "us" : "customer",
            order: shown ? shown.toMillis() : Infinity,
            date: shown ? formatDate(shown) : "–",
            first: moved ? formatDate(data.date_first_planned) : false,
            state: data.is_late ? "late" : data.state,
            ended: ["waived", "cancelled"].includes(data.state) && stateNames[data.state],
            daysLate: data.days_late,
            progress: Math.round(data.progress || 0),
            amount: data.amount ? formatMonetary(data.amount, { currencyId: data.currency_id?.id }) : false,
            kind: data.kind,
        };
    }

    open(id) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "fulfilment.milestone",
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("fields").add("fulfilment_timeline", {
    component: FulfilmentTimeline,
    supportedTypes: ["one2many", "many2many"],
    useSubView: true,
});
