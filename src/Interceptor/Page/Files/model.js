// What the interceptor has told, put together.

/** Points of a sparkline: five minutes. */
export const POINTS = 60;

const nothing = { pending: 0, held: 0, inFlight: 0, pods: 0, rate: 0, moreHosts: 0, problems: 0, waking: null, woke: null };

/** Fields that are zero are left out on the wire. */
export const rowOf = row => ({ ...nothing, ...row });

/** A route's id in parts, with the name that it is called by. */
export function partsOf(id) {
  const [namespace, scaledObject, route] = id.split('/');
  return { namespace, scaledObject, route, name: route === scaledObject ? scaledObject : `${scaledObject}/${route}` };
}

export class Model {
  rows = new Map();
  histories = new Map();
  totals = {};
  troubles = [];
  self = null;
  /** How far the interceptor's clock is ahead of ours. */
  offset = 0;
  /** When something was last heard. */
  heard = 0;

  get now() { return Date.now() + this.offset; }

  whole(frame) {
    this.#hear(frame);
    this.self = frame.self;
    this.totals = frame.totals;
    this.troubles = frame.troubles ?? [];
    this.rows = new Map();
    this.histories = new Map();
    for (const row of frame.rows ?? []) this.#set(row);
    for (const { id, pending, requests } of frame.histories ?? []) {
      this.histories.set(id, { pending: pending.slice(-POINTS), requests: requests.slice(-POINTS) });
    }
  }

  change(frame) {
    this.#hear(frame);
    this.totals = frame.totals ?? this.totals;
    this.troubles = frame.troubles ?? this.troubles;
    for (const id of frame.gone ?? []) {
      this.rows.delete(id);
      this.histories.delete(id);
    }
    for (const row of frame.rows ?? []) this.#set(row);
    if (frame.points) this.#append(frame.points);
  }

  #hear(frame) {
    this.offset = frame.at - Date.now();
    this.heard = Date.now();
  }

  #set(row) {
    const known = this.rows.get(row.id);
    const { name, namespace } = known?.parts ?? partsOf(row.id);
    this.rows.set(row.id, { ...rowOf(row), parts: { name, namespace }, text: known?.host === row.host ? known.text : `${row.id} ${row.host}`.toLowerCase() });
  }

  // A route that is not named had no traffic; one without any left has no past.
  #append(points) {
    const named = new Map(points.map(point => [point.id, point]));
    for (const id of new Set([...this.histories.keys(), ...named.keys()])) {
      const { pending = 0, requests = 0 } = named.get(id) ?? {};
      const past = this.histories.get(id) ?? { pending: [], requests: [] };
      const next = { pending: [...past.pending, pending].slice(-POINTS), requests: [...past.requests, requests].slice(-POINTS) };
      if (next.pending.some(p => p) || next.requests.some(r => r)) this.histories.set(id, next);
      else this.histories.delete(id);
    }
  }
}
