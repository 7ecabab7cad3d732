import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { DateTime } = luxon;
const SOON = 4; // hours

/** How long is left until a moment, or how long ago it was, by the clock; in red once it has passed. */
export class FulfilmentCountdown extends Component {
    static template = "fulfilment_crm.Countdown";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ now: DateTime.now() });
        let timer;
        onMounted(() => {
            timer = setInterval(() => { this.state.now = DateTime.now(); }, 60000);
        });
        onWillUnmount(() => clearInterval(timer));
    }

    get due() {
        return this.props.record.data[this.props.name];
    }

    get moment() {
        return formatDateTime(this.due, { showSeconds: false });
    }

    get isLate() {
        return this.due < this.state.now;
    }

    get text() {
        const minutes = Math.abs(Math.round(this.due.diff(this.state.now).as("minutes")));
        const units = minutes < 60 ? ["minutes"] : minutes < 24 * 60 ? ["hours", "minutes"] : ["days", "hours"];
        const parts = luxon.Duration.fromObject({ minutes }).shiftTo(...units);
        const time = units
            .map((unit) => [unit, Math.floor(parts.get(unit))])
            .filter(([unit, number], position) => number || (position === 0 && units.length === 1))
            .map(([unit, number]) => luxon.Duration.fromObject({ [unit]: number }).toHuman({ unitDisplay: "short" }))
            .join(" ");
        return this.isLate ? _t("%s late", time) : _t("%s left", time);
    }

    get tone() {
        const hours = this.due.diff(this.state.now).as("hours");
        return hours < 0 ? "text-danger fw-bold" : hours < SOON ? "text-warning-emphasis fw-bold" : "text-muted";
    }
}

registry.category("fields").add("fulfilment_countdown", {
    component: FulfilmentCountdown,
    displayName: _t("Time left"),
    supportedTypes: ["datetime"],
});
