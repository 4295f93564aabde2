// The list of routes. Only the rows in view are in the document, in the order in which they are shown.
import { el, setText, setAttribute, stateIcon, stateNames } from './dom.js';
import { bar, line, lengthOf, outcomes, setBar, setLine } from './bars.js';
import { ago, count, rate, span } from './format.js';

const BEYOND = 6; // Rows that are kept ready above and below those in view.

export const columns = [
  { key: 'state', name: 'State' },
  { key: 'name', name: 'Route' },
  { key: 'pending', name: 'Pending', scope: 'all replicas' },
  { key: 'held', name: 'Held · in flight', scope: 'this replica' },
  { key: 'pods', name: 'Pods', scope: 'ready' },
  { key: 'rate', name: 'Requests/s', scope: 'this replica' },
  { key: 'cold', name: 'Last cold start', scope: 'this replica' },
];

export class Table {
  #body;
  #model;
  #shown = new Map();
  #list = [];
  #asked = false;

  constructor(body, model) {
    this.#body = body;
    this.#model = model;
    addEventListener('scroll', () => this.draw(), { passive: true });
    addEventListener('resize', () => this.draw());
    body.addEventListener('keydown', event => this.#key(event));
    body.addEventListener('click', event => this.#click(event));
  }

  /** Shows these rows, in this order. */
  show(list) {
    this.#list = list;
    this.draw();
  }

  /** Puts the keyboard's focus on the first row. */
  focusFirst() {
    this.#focus(0);
  }

  /** Draws with the next frame, however often it is asked. */
  draw() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      if (this.#body.offsetParent) this.#draw();
    });
  }

  get #height() { return parseFloat(getComputedStyle(this.#body).getPropertyValue('--row')); }

  #draw() {
    const height = this.#height;
    const top = this.#body.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(-top / height) - BEYOND);
    const last = Math.min(this.#list.length, Math.ceil((innerHeight - top) / height) + BEYOND);
    const focused = document.activeElement?.closest?.('[data-id]')?.dataset.id;
    const longest = Math.max(1, ...this.#list.map(row => row.woke?.outcome === 'served' ? row.woke.total ?? 0 : 0));

    this.#body.style.height = `${this.#list.length * height}px`;
    const wanted = this.#list.slice(first, last);
    const ids = new Set(wanted.map(row => row.id));
    for (const [id, row] of this.#shown) {
      if (!ids.has(id)) {
        row.node.remove();
        this.#shown.delete(id);
      }
    }

    let next = this.#body.firstElementChild;
    wanted.forEach((data, index) => {
      const row = this.#shown.get(data.id) ?? this.#create(data.id);
      if (row.node === next) next = next.nextElementSibling;
      else this.#body.insertBefore(row.node, next);
      row.node.style.transform = `translateY(${(first + index) * height}px)`;
      setAttribute(row.node, 'aria-rowindex', first + index + 2);
      row.set(data, longest);
    });
    if (focused && document.activeElement === document.body) this.#shown.get(focused)?.link.focus({ preventScroll: true });
  }

  #create(id) {
    const row = createRow(id, this.#model);
    this.#shown.set(id, row);
    return row;
  }

  #click(event) {
    // A click anywhere in a row follows its link; one that selects text does not.
    const row = event.target.closest('[data-id]');
    if (row && !event.target.closest('a') && getSelection().isCollapsed) row.querySelector('a').click();
  }

  #key(event) {
    const id = event.target.closest('[data-id]')?.dataset.id;
    const at = this.#list.findIndex(row => row.id === id);
    const page = Math.max(1, Math.floor(innerHeight / this.#height) - 2);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: this.#list.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    this.#focus(Math.min(Math.max(to, 0), this.#list.length - 1));
  }

  #focus(index) {
    const row = this.#list[index];
    if (!row) return;
    const height = this.#height;
    const top = this.#body.getBoundingClientRect().top + index * height;
    const head = this.#body.previousElementSibling.getBoundingClientRect().height + 8;
    if (top < head) scrollBy(0, top - head);
    else if (top + height > innerHeight) scrollBy(0, top + height - innerHeight + 8);
    this.#draw();
    this.#shown.get(row.id)?.link.focus({ preventScroll: true });
  }
}

function createRow(id, model) {
  const { name, namespace } = model.rows.get(id).parts;
  const stateText = el('span');
  const state = el('td', { role: 'cell', class: 'state' });
  const link = el('a', { class: 'name', href: `#/route/${id}`, text: name });
  const where = el('span', { class: 'where' });
  const problems = el('span', { class: 'problems' });
  const pending = el('b');
  const pendingLine = line();
  const held = el('b');
  const flight = el('span', { class: 'weak' });
  const pods = el('b');
  const podsWord = el('span', { class: 'word' });
  const speed = el('b');
  const speedLine = line();
  const coldBar = bar();
  const coldText = el('span', { class: 'took' });
  const node = el('tr', { role: 'row', 'data-id': id },
    state,
    el('td', { role: 'cell', class: 'route-name' }, el('span', { class: 'first' }, link, problems), where),
    el('td', { role: 'cell', class: 'pending' }, el('span', { class: 'word', text: 'pending ' }), pending, pendingLine),
    el('td', { role: 'cell', class: 'held' }, el('span', { class: 'word', text: 'held ' }), held, flight),
    el('td', { role: 'cell', class: 'pods' }, pods, podsWord),
    el('td', { role: 'cell', class: 'rate' }, speed, el('span', { class: 'word', text: ' req/s' }), speedLine),
    el('td', { role: 'cell', class: 'cold' }, coldBar, coldText));
  let shownState = '';

  function set(row, longest) {
    if (shownState !== row.state) {
      shownState = row.state;
      state.replaceChildren(stateIcon(row.state), stateText);
      setAttribute(node, 'data-state', row.state);
    }

    setText(stateText, stateNames[row.state] ?? row.state);
    setText(where, `${namespace} · ${row.host}${row.moreHosts ? ` +${row.moreHosts}` : ''}`);
    setText(problems, row.problems ? `${row.problems} ${row.problems === 1 ? 'problem' : 'problems'}` : '');
    setNumber(pending, row.pending);
    setNumber(held, row.held);
    setText(flight, ` · ${count(row.inFlight)}`);
    setNumber(pods, row.pods);
    setText(podsWord, row.pods === 1 ? ' pod' : ' pods');
    setText(speed, rate(row.rate));
    setAttribute(speed, 'data-none', row.rate === 0 || null);
    const past = model.histories.get(id);
    setLine(pendingLine, past?.pending, row.pending);
    setLine(speedLine, past?.requests, row.rate * 5);
    setWake(row.waking ?? row.woke, longest);
  }

  function setWake(wake, longest) {
    coldBar.hidden = !wake;
    if (!wake) return setText(coldText, '');
    setBar(coldBar, wake, longest, model.now);
    const took = span(lengthOf(wake, model.now));
    setText(coldText, !wake.outcome ? `${took} so far` : wake.outcome === 'served' ? `${took}` : `${outcomes[wake.outcome] ?? wake.outcome}`);
    setAttribute(coldText, 'title', ago(wake.at, model.now));
  }

  return { node, link, set };
}

function setNumber(node, number) {
  setText(node, count(number));
  setAttribute(node, 'data-none', number === 0 || null);
}
