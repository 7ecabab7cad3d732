import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { KeepLast } from "@web/core/utils/concurrency";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** The risks that may still happen, by likelihood and impact. Each cell opens its risks. */
export class FulfilmentRiskMatrix extends Component {
    static template = "fulfilment_crm.RiskMatrix";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.latest = new KeepLast();
        this.display = { controlPanel: {} };
        this.state = useState({ residual: false, mine: false, category: "", company: "", ...this.props.state?.chosen, data: null });
        // What was chosen is there again after the way back from a list.
        useSetupAction({ getLocalState: () => ({ chosen: this.chosen }) });
        onWillStart(() => this.load());
    }

    get chosen() {
        const { residual, mine, category, company } = this.state;
        return { residual, mine, category, company };
    }

    async load() {
        const { residual, mine, category, company } = this.state;
        this.state.data = await this.latest.add(
            this.orm.call("fulfilment.risk", "get_matrix", [], {
                residual, mine, category: category || null, company: Number(company) || null,
            })
        );
    }

    choose(name, value) {
        this.state[name] = value;
        return this.load();
    }

    get rows() {
        const rows = [];
        for (const cell of this.state.data.cells) {
            if (!rows.length || rows.at(-1).likelihood !== cell.likelihood) {
                rows.push({ likelihood: cell.likelihood, cells: [] });
            }
            rows.at(-1).cells.push(cell);
        }
        return rows;
    }

    label(cell) {
        return _t("Likelihood %(likelihood)s, impact %(impact)s, %(level)s: %(count)s risks", {
            likelihood: cell.likelihood, impact: cell.impact, level: this.state.data.levels[cell.level], count: cell.count,
        });
    }

    open(domain, name) {
        return this.action.doAction({
            type: "ir.actions.act_window", name, res_model: "fulfilment.risk", domain, views: [[false, "list"], [false, "form"]],
        });
    }

    openCell(cell) {
        return this.open(cell.domain, this.label(cell));
    }

    openUnjudged() {
        return this.open(this.state.data.unjudged.domain, _t("Not judged after mitigation"));
    }

    openRisk(risk) {
        return this.action.doAction({
            type: "ir.actions.act_window", res_model: "fulfilment.risk", res_id: risk.id, views: [[false, "form"]],
        });
    }

    create() {
        return this.action.doAction({ type: "ir.actions.act_window", res_model: "fulfilment.risk", views: [[false, "form"]] });
    }

    /** The arrow keys go from cell to cell. */
    onKeydown(ev, row, column) {
        const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[ev.key] || [];
        if (down === undefined) {
            return;
        }
        ev.preventDefault();
        ev.currentTarget.closest("table").querySelector(`[data-cell='${row + down}-${column + right}']`)?.focus();
    }
}

registry.category("actions").add("fulfilment_risk_matrix", FulfilmentRiskMatrix);
