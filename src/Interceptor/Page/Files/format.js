const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

export const count = number => whole.format(number);

/** Requests a second: one decimal where it is small enough to matter. */
export const rate = number => number >= 100 ? whole.format(number) : fine.format(number);

/** A length in ms, to the precision that a person needs. */
export function span(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 6000) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor(seconds % 3600 / 60)).padStart(2, '0')} min`;
}

export const time = at => clock.format(new Date(at));

export const date = at => day.format(new Date(at));

export function ago(at, now) {
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  if (seconds < 60) return 'just now';
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

export function bytes(number) {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  for (; number >= 1024 && unit < 3; unit++) number /= 1024;
  return `${number >= 100 || unit === 0 ? Math.round(number) : number.toFixed(1)} ${units[unit]}`;
}

/** Hours at zero, as hours of pods. */
export const podHours = hours => hours < 10 ? hours.toFixed(2) : hours < 100 ? hours.toFixed(1) : whole.format(hours);
