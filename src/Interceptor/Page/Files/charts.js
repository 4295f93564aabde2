// A route's last ten minutes, plotted by uPlot (vendor/).
import { el } from './dom.js';
import { count, rate } from './format.js';

const SECONDS = 600;
const color = name => () => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const axis = { stroke: color('--muted'), font: '11px system-ui, sans-serif', grid: { stroke: color('--line'), width: 1 }, ticks: { show: false } };
const time = value => value == null ? '–' : new Date(value * 1000).toTimeString().slice(0, 8);

/** Two plots above each other, whose cursors move together. */
export class Charts {
  #plots = [];
  node = el('div', { class: 'charts' });

  constructor() {
    this.#add('Pending', [
      { label: 'pending', stroke: color('--pending'), fill: color('--pending-area'), width: 1.5 },
      { label: 'of these held', stroke: color('--held'), width: 1.5, dash: [5, 3] },
    ], count);
    this.#add('Requests a second', [{ label: 'requests/s', stroke: color('--rate'), fill: color('--rate-area'), width: 1.5 }], rate);
    this.#resize = new ResizeObserver(() => this.#plots.forEach(({ plot, box }) => plot.setSize({ width: box.clientWidth || 300, height: 150 })));
    this.#resize.observe(this.node);
    this.#theme.addEventListener('change', this.#redraw);
  }

  #resize;
  #theme = matchMedia('(prefers-color-scheme: dark)');
  #redraw = () => this.#plots.forEach(({ plot }) => plot.redraw());

  /** Shows a history that ends at a time, in steps of ms. */
  set(history, at, step) {
    const points = SECONDS * 1000 / step;
    const pad = values => [...Array(Math.max(0, points - (values?.length ?? 0))).fill(0), ...(values ?? []).slice(-points)];
    const times = Array.from({ length: points }, (_, index) => (at - (points - 1 - index) * step) / 1000);
    this.#plots[0].plot.setData([times, pad(history?.pending), pad(history?.held)]);
    this.#plots[1].plot.setData([times, pad(history?.requests).map(number => number * 1000 / step)]);
    // Without a cursor the legend tells of now.
    for (const { plot } of this.#plots) if (plot.cursor.left < 0) plot.setLegend({ idx: points - 1 });
  }

  end() {
    this.#resize.disconnect();
    this.#theme.removeEventListener('change', this.#redraw);
    this.#plots.forEach(({ plot }) => plot.destroy());
  }

  #add(name, series, format) {
    const box = el('div', { class: 'plot' });
    this.node.append(el('figure', {}, el('figcaption', { text: name }), box));
    const plot = new uPlot({
      width: 300,
      height: 150,
      padding: [8, 4, 0, 0],
      cursor: { sync: { key: 'route' }, points: { size: 6 }, drag: { setScale: false, x: false, y: false } },
      legend: { live: true },
      scales: { y: { range: (_, __, top) => [0, Math.max(1, top * 1.1)] } },
      axes: [
        { ...axis, space: 70, size: 26, values: (_, ticks) => ticks.map(tick => time(tick).slice(0, 5)) },
        { ...axis, size: 44, space: 32, values: (_, ticks) => ticks.map(tick => tick % 1 ? tick.toFixed(1) : count(tick)) },
      ],
      series: [
        { label: 'at', value: (_, value) => time(value) },
        ...series.map(one => ({ ...one, points: { show: false }, value: (_, value) => value == null ? '–' : format(value) })),
      ],
    }, [[0], ...series.map(() => [0])], box);
    this.#plots.push({ plot, box });
  }
}
