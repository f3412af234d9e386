"use strict";
(() => {
  const data = JSON.parse(document.getElementById("charts").textContent);
  const drawn = new Map();

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  // An incomplete month is lighter: the colours are #rrggbb.
  const lighter = (hex) => `${hex}77`;

  function formats(chart) {
    const digits = { minimumFractionDigits: chart.decimals, maximumFractionDigits: chart.decimals };
    const exact = new Intl.NumberFormat("en", digits);
    const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
    return chart.currency
      ? { value: (v) => `${chart.currency} ${exact.format(v)}`, tick: (v) => short.format(v) }
      : { value: (v) => `${exact.format(v)}%`, tick: (v) => `${short.format(v)}%` };
  }

  // Over bars, or where there is but one month, it is dots.
  function line(chart, hex) {
    const dots = chart.labels.length === 1 || chart.series.some((one) => !one.line);
    return {
      type: "line", order: 0, borderColor: hex, backgroundColor: hex, borderWidth: 2, tension: 0,
      showLine: !dots, pointRadius: dots ? 3 : 0, pointHoverRadius: 4,
      segment: { borderDash: (at) => (chart.incomplete[at.p1DataIndex] ? [4, 4] : undefined) },
    };
  }

  function bars(series, chart, hex) {
    return {
      type: "bar", order: 1, stack: series.stack, maxBarThickness: 34,
      backgroundColor: chart.incomplete.map((partial) => (partial ? lighter(hex) : hex)),
    };
  }

  function dataset(series, chart) {
    const hex = colour(series.colour);
    const style = series.line ? line(chart, hex) : bars(series, chart, hex);
    return { label: series.label, data: series.values, ...style };
  }

  // The swatch has the colour of a whole month, whichever month comes first.
  function legend(chart) {
    const made = Chart.defaults.plugins.legend.labels.generateLabels;
    return {
      display: chart.series.length > 1, position: "bottom",
      labels: {
        color: colour("text"), boxWidth: 12, boxHeight: 12,
        generateLabels: (on) => made(on).map((label) => {
          const hex = colour(chart.series[label.datasetIndex].colour);
          return { ...label, fillStyle: hex, strokeStyle: hex, lineDash: [] };
        }),
      },
    };
  }

  function options(chart) {
    const format = formats(chart);
    const stacked = chart.series.some((series) => !series.line);
    const ticks = { color: colour("quiet"), maxRotation: 0, autoSkipPadding: 12 };
    return {
      animation: false, responsive: true, maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      scales: {
        x: { stacked, grid: { display: false }, ticks },
        y: {
          stacked, border: { display: false },
          // A line of amounts begins at 0, one of shares where it is.
          beginAtZero: chart.currency !== "",
          grid: { color: (at) => (at.tick?.value === 0 ? colour("quiet") : colour("grid")) },
          ticks: { color: colour("quiet"), maxTicksLimit: 7, callback: format.tick },
        },
      },
      plugins: {
        legend: legend(chart),
        tooltip: {
          callbacks: {
            title: ([at]) => at && at.label + (chart.incomplete[at.dataIndex] ? " (so far)" : ""),
            label: (at) => `${at.dataset.label}: ${format.value(at.parsed.y)}`,
          },
        },
      },
    };
  }

  function draw(figure) {
    const name = figure.dataset.chart;
    if (drawn.has(name) || figure.closest("[hidden]")) return;
    const chart = data[name];
    const config = { data: { labels: chart.labels, datasets: chart.series.map((one) => dataset(one, chart)) } };
    drawn.set(name, new Chart(figure.querySelector("canvas"), { type: "bar", ...config, options: options(chart) }));
  }

  const drawAll = () => document.querySelectorAll("[data-chart]").forEach(draw);

  function choose() {
    const chosen = document.getElementById("currency")?.value;
    for (const part of document.querySelectorAll("[data-choice]")) part.hidden = part.dataset.choice !== chosen;
    drawAll();
  }

  document.documentElement.classList.add("js");
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  document.getElementById("currency")?.addEventListener("change", choose);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    drawn.forEach((chart) => chart.destroy());
    drawn.clear();
    drawAll();
  });
  choose();
})();
