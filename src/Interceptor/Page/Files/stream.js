// One stream of server-sent events, kept open while the page is looked at.

const SILENCE = 25_000; // The interceptor says something at least every 10 s.
const HIDDEN = 30_000;  // A page that nobody looks at gives its place back after so long.

/**
 * Follows a stream and comes back to it when it ends.
 * @param {string} path where it is
 * @param {Record<string, (data: any) => void>} handlers by the events' names
 * @param {(state: 'connecting' | 'open' | 'lost' | 'full') => void} changed told how it is
 * @returns a function that ends it
 */
export function follow(path, handlers, changed) {
  let source = null;
  let silence = 0;
  let retry = 0;
  let hiding = 0;
  let pause = 1000;
  let ended = false;

  function open() {
    close();
    source = new EventSource(path);
    source.onopen = () => { pause = 1000; changed('open'); heard(); };
    source.onerror = () => source.readyState === EventSource.CLOSED ? refused() : changed('lost');
    source.addEventListener('alive', heard);
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, event => { heard(); handle(JSON.parse(event.data)); });
    }
    heard();
  }

  // A connection that died without a word is opened anew.
  function heard() {
    clearTimeout(silence);
    silence = setTimeout(() => { changed('lost'); open(); }, SILENCE);
  }

  // The browser comes back by itself, unless it was told no.
  async function refused() {
    close();
    const status = await fetch(path, { method: 'HEAD', cache: 'no-store' }).then(answer => answer.status, () => 0);
    if (ended) return;
    changed(status === 503 ? 'full' : 'lost');
    retry = setTimeout(open, pause);
    pause = Math.min(pause * 2, 10_000);
  }

  function close() {
    source?.close();
    source = null;
    clearTimeout(silence);
    clearTimeout(retry);
  }

  function seen() {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(close, HIDDEN);
    else if (!source) { changed('connecting'); open(); }
  }

  document.addEventListener('visibilitychange', seen);
  open();
  return () => {
    ended = true;
    clearTimeout(hiding);
    document.removeEventListener('visibilitychange', seen);
    close();
  };
}
