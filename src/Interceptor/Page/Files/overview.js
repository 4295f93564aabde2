// All routes: sums, search, filter, sort, and the list.
import { el, setText, setAttribute, stateIcon, stateNames } from './dom.js';
import { bytes, count, podHours, rate } from './format.js';
import { legend, lengthOf } from './bars.js';
import { columns, Table } from './table.js';

const attention = { waking: 0, refused: 1, starting: 2, ready: 3, zero: 4 };
const byName = (a, b) => a.parts.name.localeCompare(b.parts.name, 'en', { numeric: true }) || (a.id < b.id ? -1 : 1);

// What each column sorts by, what comes first as it is chosen, and what it is called.
const orders = {
  state: { name: 'attention', by: (a, b) => need(a) - need(b) },
  name: { name: 'name', by: byName },
  pending: { name: 'pending', by: (a, b) => b.pending - a.pending },
  held: { name: 'held', by: (a, b) => b.held - a.held || b.inFlight - a.inFlight },
  pods: { name: 'pods', by: (a, b) => b.pods - a.pods },
  rate: { name: 'requests a second', by: (a, b) => b.rate - a.rate },
  cold: { name: 'cold start', by: (a, b) => took(b) - took(a) },
};

const need = row => attention[row.state] - (row.problems && row.state !== 'refused' ? 1.5 : 0);
const percent = part => part > 0 && part < 0.001 ? '< 0.1 %' : `${(part * 100).toFixed(part > 0 && part < 0.1 ? 1 : 0)} %`;
const took = row => row.waking ? lengthOf(row.waking, Date.now()) : row.woke?.total ?? -1;

export class Overview {
  #model;
  #changed;
  #table;
  #totals = {};
  #chips = {};
  #heads = {};
  #search = document.getElementById('search');
  #sorting = document.getElementById('sorting');
  #count = document.getElementById('count');
  #nothing = document.getElementById('nothing');

  /** What is shown of all: a search, states, an order. */
  view = { q: '', states: new Set(), sort: 'state', down: true };

  /** @param changed told when the user wants to see something else */
  constructor(model, changed) {
    this.#model = model;
    this.#changed = changed;
    this.#table = new Table(document.getElementById('rows'), model);
    this.#createTotals();
    this.#createControls();
    document.getElementById('columns').append(...columns.map(column => this.#createHead(column)));
  }

  focusSearch() {
    this.#search.focus();
    this.#search.select();
  }

  /** Takes over what is to be shown, from an address. */
  set(view) {
    this.view = view;
    if (this.#search.value !== view.q) this.#search.value = view.q;
    this.draw();
  }

  draw() {
    this.#drawControls();
    if (!this.#model.self) return;
    this.#drawTotals();
    const list = this.#list();
    const all = this.#model.rows.size;
    setText(this.#count, list.length === all ? `${count(all)} ${all === 1 ? 'route' : 'routes'}` : `${count(list.length)} of ${count(all)} routes`);
    setAttribute(document.getElementById('routes'), 'aria-rowcount', list.length + 1);
    this.#nothing.hidden = list.length > 0;
    setText(this.#nothing, all ? 'No route is like that.' : 'There are no routes: no ScaledObject has a trigger of ours yet.');
    this.#table.show(list);
  }

  /** Draws what changes by itself, with time. */
  tick() {
    if (this.#model.totals.waking) this.#table.draw();
  }

  #list() {
    const words = this.view.q.toLowerCase().split(/\s+/).filter(word => word);
    const { states, sort, down } = this.view;
    const sign = down ? 1 : -1;
    return [...this.#model.rows.values()]
      .filter(row => (states.size === 0 || states.has(row.state)) && words.every(word => row.text.includes(word)))
      .sort((a, b) => sign * orders[sort].by(a, b) || byName(a, b));
  }

  #createTotals() {
    const tiles = [
      ['pending', 'Pending'], ['held', 'Held'], ['flight', 'In flight'], ['rate', 'Requests/s'],
      ['interceptors', 'Interceptors'], ['budget', 'Hold budget'], ['saved', 'Saved'],
    ];
    document.getElementById('totals').append(...tiles.map(([key, name]) => {
      const value = el('dd', { class: 'value', text: '–' });
      const note = el('dd', { class: 'note', text: '\u00a0' });
      this.#totals[key] = { value, note };
      return el('div', { 'data-total': key }, el('dt', { text: name }), value, note);
    }));
    this.#totals.budget.meter = el('span', { class: 'meter', 'aria-hidden': 'true' }, el('i'));
    this.#totals.budget.note.before(this.#totals.budget.meter);
  }

  #drawTotals() {
    const { pending = 0, shared, held = 0, inFlight = 0, rate: speed = 0, interceptors = 1, maxHeld = 1, bytes: body = 0, maxBytes = 1, savedHours = 0 } = this.#model.totals;
    const own = 'this replica';
    this.#total('pending', count(pending), shared ? 'all replicas' : `${own} only`);
    this.#total('held', count(held), own);
    this.#total('flight', count(inFlight), own);
    this.#total('rate', rate(speed), own);
    this.#total('interceptors', shared ? count(interceptors) : '–', shared ? (interceptors === 1 ? 'reports' : 'report') : 'not known');
    const used = Math.max(held / maxHeld, body / maxBytes);
    this.#total('budget', percent(used), `of ${count(maxHeld)}, ${bytes(maxBytes)}`);
    this.#totals.budget.meter.firstChild.style.width = `${Math.min(100, used * 100)}%`;
    setAttribute(this.#totals.budget.meter, 'data-short', used >= 0.8 || null);
    this.#total('saved', podHours(savedHours), 'pod-hours at zero');
  }

  #total(key, value, note) {
    setText(this.#totals[key].value, value);
    setText(this.#totals[key].note, note);
  }

  #createControls() {
    this.#search.addEventListener('input', () => this.#changed({ ...this.view, q: this.#search.value }));
    this.#search.addEventListener('keydown', event => {
      if (event.key === 'ArrowDown') { event.preventDefault(); this.#table.focusFirst(); }
      if (event.key === 'Escape' && this.#search.value) { event.preventDefault(); this.#search.value = ''; this.#changed({ ...this.view, q: '' }); }
    });
    document.getElementById('states').append(...Object.keys(attention).map(state => {
      const number = el('b', { text: '0' });
      const chip = el('button', { type: 'button', class: 'chip', 'data-state': state, onclick: () => this.#toggle(state) }, stateIcon(state), el('span', { text: stateNames[state] }), number);
      this.#chips[state] = { chip, number };
      return chip;
    }));
    document.getElementById('legend').replaceWith(legend());
    this.#sorting.append(...Object.entries(orders).map(([key, order]) => el('option', { value: key, text: `By ${order.name}` })));
    this.#sorting.addEventListener('change', () => this.#changed({ ...this.view, sort: this.#sorting.value, down: true }));
  }

  #toggle(state) {
    const states = new Set(this.view.states);
    if (!states.delete(state)) states.add(state);
    this.#changed({ ...this.view, states });
  }

  #drawControls() {
    for (const [state, { chip, number }] of Object.entries(this.#chips)) {
      setText(number, count(this.#model.totals[state] ?? 0));
      setAttribute(chip, 'aria-pressed', this.view.states.has(state));
      setAttribute(chip, 'data-none', !this.#model.totals[state] || null);
    }
    this.#sorting.value = this.view.sort;
    for (const [key, { head, scope }] of Object.entries(this.#heads)) {
      setAttribute(head, 'aria-sort', this.view.sort !== key ? null : this.view.down === (key !== 'name' && key !== 'state') ? 'descending' : 'ascending');
      if (key === 'pending' && this.#model.self) setText(scope, this.#model.totals.shared ? 'all replicas' : 'this replica only');
    }
  }

  #createHead({ key, name, scope: where }) {
    const scope = el('small', { text: where ?? '' });
    const head = el('th', { role: 'columnheader', scope: 'col', class: key },
      el('button', { type: 'button', onclick: () => this.#changed({ ...this.view, sort: key, down: this.view.sort === key ? !this.view.down : true }) }, el('span', { text: name }), scope));
    this.#heads[key] = { head, scope };
    return head;
  }
}
