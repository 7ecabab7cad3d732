import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** What happened with a customer, the latest first; read when its tab is opened. */
export class FulfilmentStory extends Component {
    static template = "fulfilment_crm.Story";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ entries: [] });
        onWillStart(() => this.load(this.props.record.resId));
        onWillUpdateProps((next) => this.load(next.record.resId));
    }

    async load(id) {
        this.state.entries = id ? await this.orm.call("fulfilment.profile", "get_story", [[id]]) : [];
    }

    date(entry) {
        return formatDate(deserializeDate(entry.date));
    }

    open(entry) {
        this.action.doAction({
            type: "ir.actions.act_window", res_model: entry.model, res_id: entry.id, views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("fulfilment_story", { component: FulfilmentStory });
