import { el, setText, stateIcon } from './dom.js';
import { ago, span, time } from './format.js';
import { Model } from './model.js';
import { Overview } from './overview.js';
import { RouteView } from './route.js';
import { follow } from './stream.js';

const model = new Model();
const overview = new Overview(model, view => {
  history.replaceState(null, '', address(view));
  show();
});
const overviewSection = document.getElementById('overview');
const routeSection = document.getElementById('route');
const routeView = new RouteView(routeSection, model);
let link = 'connecting';
let listAddress = '#/';
let listScroll = 0;
let openRoute = null;

/** What is to be seen is in the address, so that it can be shared, and the browser's back button works. */
function address({ q, states, sort, down }) {
  const parts = new URLSearchParams();
  if (q) parts.set('q', q);
  if (states.size) parts.set('state', [...states].join());
  if (sort !== 'state' || !down) parts.set('sort', `${down ? '' : '-'}${sort}`);
  return parts.size ? `#/?${parts}` : '#/';
}

function parsed(hash) {
  const parts = new URLSearchParams(hash.split('?')[1] ?? '');
  const sort = parts.get('sort') ?? 'state';
  const known = ['state', 'name', 'pending', 'held', 'pods', 'rate', 'cold'];
  const column = sort.replace(/^-/, '');
  return {
    q: parts.get('q') ?? '', states: new Set((parts.get('state') ?? '').split(',').filter(state => state)),
    sort: known.includes(column) ? column : 'state', down: !sort.startsWith('-'),
  };
}

function show() {
  const route = /^#\/route\/([^/]+\/[^/]+\/[^/]+)$/.exec(location.hash)?.[1];
  if (!route) listAddress = location.hash || '#/';
  if (route && !openRoute) listScroll = scrollY;
  overviewSection.hidden = !!route;
  routeSection.hidden = !route;
  if (route !== openRoute) {
    const from = openRoute;
    openRoute = route;
    if (route) {
      routeView.open(decodeURIComponent(route));
      scrollTo(0, 0);
    } else if (from) {
      routeView.close();
    }
    if (!route) {
      overview.set(parsed(location.hash));
      scrollTo(0, listScroll);
      if (from) document.querySelector(`[data-id="${CSS.escape(decodeURIComponent(from))}"] a`)?.focus({ preventScroll: true });
    } else {
      document.getElementById('back').href = listAddress;
    }
  } else if (!route) {
    overview.set(parsed(location.hash));
  }
  setText(document.querySelector('title'), route ? `${decodeURIComponent(route).split('/')[1]} · Wakegate` : 'Wakegate');
}

function draw() {
  drawSelf();
  drawTroubles();
  if (!openRoute) overview.draw();
}

function drawSelf() {
  if (model.self) setText(document.getElementById('self'), `replica ${model.self.id} · up ${ago(model.self.since, model.now) === 'just now' ? 'since a moment ago' : span(model.now - model.self.since)}${model.self.version ? ` · ${model.self.version}` : ''}`);
  const sign = document.getElementById('link');
  sign.dataset.state = link;
  setText(sign, { connecting: 'Connecting', open: 'Live', lost: 'Reconnecting', full: 'Waiting for a place' }[link]);
}

let shownTroubles = '';

function drawTroubles() {
  const troubles = [
    ...link === 'lost' ? [{ kind: 'lost', text: `The connection to this replica is lost${model.heard ? `: what is shown is as of ${time(model.heard)}` : ''}. Trying again.` }] : [],
    ...link === 'full' ? [{ kind: 'full', text: 'So many pages of this replica are open that there is no place for another: close one. Trying again.' }] : [],
    ...link === 'open' ? model.troubles : [],
  ];
  const text = JSON.stringify(troubles);
  document.body.dataset.stale = link === 'lost' || link === 'full';
  if (text === shownTroubles) return;
  shownTroubles = text;
  document.getElementById('troubles').replaceChildren(...troubles.map(({ kind, text: words }) =>
    el('div', { class: 'trouble', 'data-kind': kind }, stateIcon('refused'), el('p', { text: words }))));
}

addEventListener('hashchange', show);
addEventListener('keydown', event => {
  const typing = event.target.matches?.('input, select, textarea');
  if (event.key === '/' && !typing && !openRoute && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    overview.focusSearch();
  } else if (event.key === 'Escape' && openRoute && !typing) {
    location.hash = listAddress;
  }
});

// What takes its length from now moves on between two events.
setInterval(() => {
  overview.tick();
  routeView.tick();
}, 250);

show();
follow('stream', {
  whole: frame => { model.whole(frame); draw(); },
  change: frame => { model.change(frame); draw(); },
}, state => { link = state; draw(); });
