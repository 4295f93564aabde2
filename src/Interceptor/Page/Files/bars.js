// A wake-up as a bar of its phases, and the last minutes as a line.
import { el, svg, setAttribute } from './dom.js';
import { span } from './format.js';
import { POINTS } from './model.js';

export const phases = [
  { key: 'signalled', name: 'signalled', what: 'until the scaler is told' },
  { key: 'scheduled', name: 'scheduled', what: 'until a pod has a node' },
  { key: 'started', name: 'started', what: 'until its container runs' },
  { key: 'ready', name: 'ready', what: 'until an endpoint takes traffic' },
  { key: 'released', name: 'released', what: 'until the first byte is at the pod' },
];

export const outcomes = {
  served: 'served', timed_out: 'timed out', hopeless: 'no pod will come', left: 'clients left', unrouted: 'route removed',
};

/** How long it took, or has taken so far. */
export const lengthOf = (wake, now) => wake.outcome ? wake.total ?? 0 : Math.max(0, now - wake.at);

/** All of it in words. */
export function wakeInWords(wake, now) {
  const steps = phases.filter(phase => wake[phase.key] != null).map(phase => `${phase.name} ${span(wake[phase.key])}`);
  const head = wake.outcome ? `${outcomes[wake.outcome] ?? wake.outcome} after ${span(lengthOf(wake, now))}` : `waking for ${span(lengthOf(wake, now))}`;
  return steps.length ? `${head}: ${steps.join(', ')}` : head;
}

/** Which phase has which colour. */
export const legend = () => el('ul', { class: 'legend', 'aria-label': 'Phases of a cold start' },
  ...phases.map(phase => el('li', { title: `${phase.name}: ${phase.what}` }, el('i', { class: phase.key }), el('span', { text: phase.name }))));

/** An empty bar, to be set by `setBar`. */
export const bar = () => el('span', { class: 'bar', role: 'img' }, ...phases.map(phase => el('i', { class: phase.key })), el('i', { class: 'rest' }));

/** Shows a wake-up, at a scale on which `longest` fills the bar. */
export function setBar(node, wake, longest, now) {
  const length = lengthOf(wake, now);
  const scale = 100 / Math.max(longest, length, 1);
  let left = length;
  phases.forEach((phase, index) => {
    const part = Math.min(wake[phase.key] ?? 0, left);
    left -= part;
    width(node.children[index], part * scale);
  });
  width(node.lastChild, left * scale);
  setAttribute(node, 'data-outcome', wake.outcome ?? 'waking');
  setAttribute(node, 'aria-label', wakeInWords(wake, now));
  setAttribute(node, 'title', wakeInWords(wake, now));
}

function width(part, percent) {
  const css = percent > 0 ? `${percent.toFixed(2)}%` : '0';
  if (part.style.width !== css) part.style.width = css;
}

/** An empty line, to be set by `setLine`. */
export const line = () => svg('svg', { class: 'spark', viewBox: `0 0 ${POINTS} 20`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
  svg('path', { class: 'area' }), svg('path', { class: 'stroke' }));

/** Shows the last minutes; `live` is what is so now. */
export function setLine(node, points, live) {
  const values = [...points ?? [], live].slice(-POINTS);
  const busy = values.some(value => value > 0);
  setAttribute(node, 'data-busy', busy || null);
  const top = Math.max(1, ...values);
  const from = POINTS - values.length;
  const path = busy ? values.map((value, index) => `${index ? 'L' : 'M'}${from + index + 0.5} ${(18.5 - value / top * 17).toFixed(1)}`).join('') : '';
  setAttribute(node.firstChild, 'd', busy ? `${path}L${POINTS - 0.5} 20L${from + 0.5} 20Z` : '');
  setAttribute(node.lastChild, 'd', path);
}
