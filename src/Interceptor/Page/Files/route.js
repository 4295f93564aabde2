// One route: its wake-ups and who caused them, its traffic, its queue, its pods, its trigger, and what is wrong with it.
import { el, setText, stateIcon, stateNames } from './dom.js';
import { bar, lengthOf, outcomes, phases, setBar } from './bars.js';
import { Charts } from './charts.js';
import { ago, count, date, rate, span, time } from './format.js';
import { partsOf, rowOf } from './model.js';
import { follow } from './stream.js';

export class RouteView {
  #section;
  #model;
  #end = () => {};
  #charts = null;
  #parts = {};
  #last = null;
  #written = new Map();

  constructor(section, model) {
    this.#section = section;
    this.#model = model;
  }

  /** Shows a route, and follows it until `close`. */
  open(id) {
    this.close();
    this.#create(id);
    this.#end = follow(`stream/${id.split('/').map(encodeURIComponent).join('/')}`, {
      route: view => { this.#last = view; this.#draw(); },
      gone: () => { this.#last = null; this.#drawGone(id); },
    }, () => {});
  }

  close() {
    this.#end();
    this.#end = () => {};
    this.#charts?.end();
    this.#charts = null;
    this.#last = null;
    this.#written.clear();
    this.#section.replaceChildren();
  }

  /** Draws what changes by itself, with time. */
  tick() {
    if (this.#last) this.#drawWakes(this.#last);
  }

  #create(id) {
    const { namespace, name, scaledObject } = partsOf(id);
    const command = `kubectl -n ${namespace} describe scaledobject ${scaledObject}`;
    this.#charts = new Charts();
    const parts = this.#parts = {
      state: el('p', { class: 'badge' }), hosts: el('p', { class: 'hosts' }), wrong: el('div', { class: 'wrong' }),
      figures: el('dl', { class: 'totals figures' }), wakes: el('ol', { class: 'wakes' }), pods: el('tbody'), trigger: el('tbody'), nopods: el('p', { class: 'nothing', text: 'No pod takes traffic.', hidden: true }),
      nowakes: el('p', { class: 'nothing', text: 'No wake-up since this replica started.', hidden: true }), body: el('div', { class: 'parts', hidden: true }),
    };
    parts.body.append(
      el('div', { class: 'column' },
        section('Wake-ups', 'this replica saw, the last first', parts.nowakes, parts.wakes),
        section('Pods', 'and this replica’s requests at them', table(['Pod', 'Address', 'In flight', 'State'], parts.pods), parts.nopods)),
      el('div', { class: 'column' },
        section('The last ten minutes', 'of this replica', this.#charts.node),
        section('Trigger', 'as it is in force', table(['Key', 'Value', ''], parts.trigger))));
    this.#section.replaceChildren(
      el('nav', { 'aria-label': 'Back' }, el('a', { class: 'back', href: '#/', id: 'back', text: '← All routes' })),
      el('div', { class: 'head' }, el('h1', { id: 'route-title', tabindex: '-1' }, el('span', { text: name }), el('small', { text: namespace })), parts.state),
      parts.hosts, parts.wrong, parts.figures,
      el('div', { class: 'command' }, el('code', { text: command }), copyButton(command)),
      parts.body);
    document.getElementById('route-title').focus({ preventScroll: true });
  }

  #draw() {
    const view = this.#last;
    const row = rowOf(view.row);
    this.#section.dataset.state = row.state;
    this.#parts.body.hidden = false;
    this.#once('state', row.state, () => this.#parts.state.replaceChildren(stateIcon(row.state), el('span', { text: stateNames[row.state] })));
    this.#once('hosts', [row.host, row.moreHosts], () => setText(this.#parts.hosts, (view.trigger ?? []).find(t => t.key === 'hosts')?.value ?? row.host));
    this.#drawWrong(view);
    this.#drawFigures(view, row);
    this.#drawWakes(view);
    this.#charts.set(view.history, view.historyAt, 5000);
    this.#drawPods(view.pods ?? []);
    this.#once('trigger', view.trigger, () => this.#parts.trigger.replaceChildren(...(view.trigger ?? []).map(setting => el('tr', {},
      el('th', { scope: 'row' }, el('code', { text: setting.key })), el('td', { class: 'value', text: setting.value }), el('td', { class: 'weak', text: setting.default ? 'default' : '' })))));
  }

  // Writes a part only where what it shows has changed: the keyboard's focus, a selection and a reader's place stay.
  #once(part, shown, write) {
    const text = JSON.stringify(shown ?? null);
    if (this.#written.get(part) === text) return;
    this.#written.set(part, text);
    write();
  }

  #drawGone(id) {
    this.#written.clear();
    this.#parts.wrong.replaceChildren(note('gone', 'There is no such route', `This replica knows no route ${id}. It may have been deleted; its ScaledObject may say more.`));
    this.#parts.figures.replaceChildren();
    this.#parts.state.replaceChildren();
    this.#parts.body.hidden = true;
  }

  #drawWrong(view) {
    const wrong = [
      ...view.refusal ? [['refused', 'The trigger is refused', view.refusal]] : [],
      ...view.obstacle ? [['obstacle', 'No pod will come', view.obstacle]] : [],
      ...(view.problems ?? []).filter(problem => problem.message !== view.refusal).map(problem => ['problem', problem.reason, problem.message]),
    ];
    this.#once('wrong', wrong, () => this.#parts.wrong.replaceChildren(...wrong.map(one => note(...one))));
  }

  #drawFigures(view, row) {
    const { queueWaking = 0, queueQueued = 0, oldestAge = 0, maxHeld = 0, requests = 0, errors = 0, zeroSeconds = 0 } = view;
    const figures = [
      ['Pending', count(row.pending), view.shared ? 'all replicas' : 'this replica only'],
      ['Waking', count(queueWaking), 'for a first pod'],
      ['Queued', count(queueQueued), 'behind busy pods'],
      ['Oldest held', row.held ? span(oldestAge * 1000) : '–', `at most ${count(maxHeld)} held`],
      ['In flight', count(row.inFlight), 'this replica'],
      ['Requests/s', rate(row.rate), `${count(requests)} in all`],
      ['Server errors', count(errors), requests ? `${(errors / requests * 100).toFixed(errors && errors < requests / 100 ? 2 : 0)} %` : 'this replica'],
      ['At zero', zeroSeconds ? span(zeroSeconds * 1000) : '0 s', 'since it started'],
    ];
    const box = this.#parts.figures;
    if (box.children.length !== figures.length) {
      box.replaceChildren(...figures.map(([name]) => el('div', { 'data-figure': name }, el('dt', { text: name }), el('dd', { class: 'value' }), el('dd', { class: 'note' }))));
    }
    figures.forEach(([, value, what], index) => {
      setText(box.children[index].children[1], value);
      setText(box.children[index].children[2], what);
    });
  }

  #drawWakes(view) {
    const wakes = [...view.waking ? [view.waking] : [], ...view.wakes ?? []];
    const now = this.#model.now;
    const longest = Math.max(1, ...wakes.map(wake => lengthOf(wake, now)));
    this.#parts.nowakes.hidden = wakes.length > 0;
    this.#once('wakes', wakes, () => this.#parts.wakes.replaceChildren(...wakes.map(wake => wakeItem(wake))));
    wakes.forEach((wake, index) => {
      const item = this.#parts.wakes.children[index];
      setBar(item.querySelector('.bar'), wake, longest, now);
      setText(item.querySelector('.took'), span(lengthOf(wake, now)));
      setText(item.querySelector('.ago'), ago(wake.at, now));
    });
  }

  #drawPods(pods) {
    this.#parts.nopods.hidden = pods.length > 0;
    this.#parts.pods.parentElement.hidden = pods.length === 0;
    this.#once('pods', pods, () => this.#parts.pods.replaceChildren(...pods.map(pod => el('tr', {},
      el('th', { scope: 'row', text: pod.name }), el('td', {}, el('code', { text: pod.address })), el('td', { text: count(pod.inFlight ?? 0) }),
      el('td', {}, stateIcon(pod.paused ? 'starting' : 'ready'), el('span', { text: pod.paused ? ' left alone for a moment' : ' takes traffic' }))))));
  }
}

function section(title, what, ...content) {
  return el('section', { class: 'part', 'data-part': title }, el('h2', {}, el('span', { text: title }), el('small', { text: what })), ...content);
}

function table(heads, body) {
  return el('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': heads[0] },
    el('table', { class: 'plain' }, el('thead', {}, el('tr', {}, ...heads.map(head => head ? el('th', { scope: 'col', text: head }) : el('td')))), body));
}

function note(kind, title, text) {
  return el('div', { class: 'trouble', 'data-kind': kind }, stateIcon('refused'), el('p', {}, el('strong', { text: `${title}. ` }), text));
}

function wakeItem(wake) {
  const cause = wake.cause ?? {};
  const steps = phases.filter(phase => wake[phase.key] != null);
  return el('li', { class: 'wake', 'data-outcome': wake.outcome ?? 'waking' },
    el('p', { class: 'when' }, el('time', { datetime: new Date(wake.at).toISOString(), title: date(wake.at), text: time(wake.at) }), el('small', { class: 'ago' })),
    el('p', { class: 'result' }, el('b', { class: 'took' }), el('span', { class: 'outcome', text: wake.outcome ? outcomes[wake.outcome] ?? wake.outcome : 'waking' })),
    bar(),
    el('ul', { class: 'steps' }, ...steps.map(phase => el('li', {}, el('i', { class: phase.key }), `${phase.name} `, el('b', { text: span(wake[phase.key]) })))),
    el('p', { class: 'cause' }, el('code', { text: `${cause.method ?? ''} ${cause.host ?? ''}${cause.path ?? ''}` }),
      el('small', { text: [cause.client && `from ${cause.client}`, cause.userAgent, cause.traceId && `trace ${cause.traceId}`].filter(one => one).join(' · ') })));
}

function copyButton(text) {
  const button = el('button', { type: 'button', class: 'copy', text: 'Copy' });
  button.addEventListener('click', async () => {
    await navigator.clipboard?.writeText(text).then(() => setText(button, 'Copied'), () => setText(button, 'Not allowed'));
    setTimeout(() => setText(button, 'Copy'), 1500);
  });
  return button;
}
