import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { getColor, getCustomColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { _t } from "@web/core/l10n/translation";
import { formatFloat, formatInteger, formatMonetary } from "@web/views/fields/formatters";

/** A small chart in Odoo's look. Each point opens its records: by the mouse on the chart, by the keyboard in the table under it. */
export class StartChart extends Component {
    static template = "fulfilment_crm.StartChart";
    static props = { chart: Object, open: Function };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [this.props.chart]
        );
        onWillUnmount(() => this.drawn?.destroy());
    }

    get hasValues() {
        return this.props.chart.series.some((series) => series.values.some((value) => value !== null && value !== 0));
    }

    format(value) {
        const { unit, currency } = this.props.chart;
        if (value === null) {
            return "–";
        }
        if (unit === "money") {
            return formatMonetary(value, { currencyId: currency, humanReadable: Math.abs(value) >= 100000 });
        }
        return { percent: () => `${formatFloat(value, { digits: [0, 1] })} %`, mark: () => formatFloat(value, { digits: [0, 2] }) }[unit]?.() ?? formatInteger(value);
    }

    summary() {
        const { title, labels, series } = this.props.chart;
        return _t("%(title)s from %(first)s to %(last)s. Each point opens its records; the table below says the same.", {
            title: series.length > 1 ? `${title}: ${series.map((one) => one.name).join(", ")}` : title,
            first: labels[0], last: labels.at(-1),
        });
    }

    openPoint(series, index) {
        return this.props.open(this.props.chart.series[series].actions[index]);
    }

    draw() {
        this.drawn?.destroy();
        if (!this.canvas.el) {
            return;
        }
        const { chart } = this.props;
        const scheme = cookie.get("color_scheme");
        const text = getCustomColor(scheme, "#374151", "#E4E4E4");
        const grid = getCustomColor(scheme, "rgba(0,0,0,.08)", "rgba(255,255,255,.12)");
        const datasets = chart.series.map((series, index) => {
            const color = getColor(index, scheme, "odoo");
            return {
                label: series.name, data: series.values, backgroundColor: color, borderColor: color, borderWidth: chart.kind === "line" ? 2 : 0,
                pointRadius: 3, pointHoverRadius: 6, pointHitRadius: 12, clip: false, tension: 0, spanGaps: false, maxBarThickness: 24,
            };
        });
        if (chart.band) {
            // Two lines without a line, and what lies between them filled.
            const edge = { type: "line", pointRadius: 0, pointHitRadius: 0, borderWidth: 0, backgroundColor: getCustomColor(scheme, "rgba(0,0,0,.15)", "rgba(255,255,255,.25)") };
            datasets.push({ ...edge, label: chart.band.low_name, data: chart.band.low, fill: false });
            datasets.push({ ...edge, label: chart.band.high_name, data: chart.band.high, fill: "-1" });
        }
        this.drawn = new Chart(this.canvas.el, {
            type: chart.kind,
            data: { labels: chart.labels, datasets },
            options: {
                responsive: true,
                maintainAspectRatio: false,
                animation: false,
                interaction: { mode: "nearest", intersect: false, axis: "x" },
                plugins: {
                    legend: { display: chart.series.length > 1, labels: { color: text, boxWidth: 12 } },
                    tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${this.format(item.raw)}` } },
                },
                scales: {
                    x: { ticks: { color: text, maxRotation: 0, autoSkip: true }, grid: { display: false } },
                    y: {
                        beginAtZero: chart.unit !== "mark",
                        ...(chart.unit === "percent" ? { max: 100 } : {}),
                        ...(chart.unit === "mark" ? { min: 1, max: 5 } : {}),
                        ticks: { color: text, maxTicksLimit: 5, callback: (value) => this.format(value), ...(chart.unit === "number" ? { precision: 0 } : {}) },
                        grid: { color: grid },
                    },
                },
                onHover: (ev, found) => {
                    ev.native.target.style.cursor = found.length ? "pointer" : "";
                },
                onClick: (ev, found) => {
                    const point = found.find((one) => one.datasetIndex < chart.series.length);
                    if (point) {
                        this.openPoint(point.datasetIndex, point.index);
                    }
                },
            },
        });
    }
}
