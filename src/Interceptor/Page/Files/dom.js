// Elements are made here alone, and what a client sent is only ever set as text: nothing in this page parses markup.

/** An element with properties, attributes (`aria-…`, `data-…`, `role`, `href`) and children, of which strings become text. */
export function el(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    if (name === 'text') node.textContent = value;
    else if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter(child => child != null));
  return node;
}

/** Sets text only where it is another, so that what is read aloud, selected or hovered stays as it is. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (value == null || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

/** A sign for each state: told apart by shape, not by colour alone. */
export function stateIcon(state) {
  const icon = svg('svg', { viewBox: '0 0 16 16', class: `icon ${state}`, 'aria-hidden': 'true' });
  const stroke = { fill: 'none', stroke: 'currentColor', 'stroke-width': 1.8 };
  switch (state) {
    case 'zero':
      icon.append(svg('circle', { cx: 8, cy: 8, r: 5.4, ...stroke }));
      break;
    case 'waking':
      icon.append(svg('circle', { cx: 8, cy: 8, r: 5.4, ...stroke }), svg('path', { d: 'M8 2.6a5.4 5.4 0 0 1 0 10.8z', fill: 'currentColor' }));
      break;
    case 'starting':
      icon.append(svg('circle', { cx: 8, cy: 8, r: 5.4, ...stroke, 'stroke-dasharray': '3.1 2.55' }));
      break;
    case 'ready':
      icon.append(svg('circle', { cx: 8, cy: 8, r: 6.3, fill: 'currentColor' }), svg('path', { d: 'M5.2 8.2l2 2 3.7-4', class: 'tick', fill: 'none', 'stroke-width': 1.7 }));
      break;
    default:
      icon.append(svg('path', { d: 'M5.2 1.8h5.6l3.4 3.4v5.6l-3.4 3.4H5.2l-3.4-3.4V5.2z', fill: 'currentColor' }), svg('path', { d: 'M8 4.6v4.2M8 10.9v.6', class: 'tick', fill: 'none', 'stroke-width': 1.8 }));
  }
  return icon;
}

export const stateNames = { zero: 'At zero', waking: 'Waking', starting: 'Starting', ready: 'Ready', refused: 'Refused' };
