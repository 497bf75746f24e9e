// The design system's styles, made small, and ours, made fit for older
// browsers. Four steps, each a function from text to text:
//
//   dropUnused   rules of classes that no template names go
//   settleTokens tokens of components become the basis tokens they stand for
//   physical     logical properties become the ones every browser knows
//   addTokens    the basis tokens that are used go in front, light and dark

// Rules of the design system we do otherwise: focus is a ring everywhere, so
// that a button keeps its colours (and its contrast) while it has the focus.
const replaced = [/\.nl-button:focus-visible/];

// dropUnused returns the rules of css whose classes all occur in markup.
export function dropUnused(css, markup) {
  const words = new Set(markup.match(/[A-Za-z_][\w-]*/g));
  const keeps = (selector) =>
    !replaced.some((r) => r.test(selector)) &&
    // A class inside :not() need not be there for the rule to apply.
    (selector.replace(/:not\([^()]*\)/g, '').match(/\.[A-Za-z_][\w-]*/g) ?? []).every((c) => words.has(c.slice(1)));
  return mapRules(css, (head, body) => {
    const heads = split(head, ',').filter(keeps);
    return heads.length ? `${heads.join(',')}{${body}}` : '';
  });
}

// settleTokens replaces the tokens of components (--nl-button-…) by their
// values, so that a page need not carry and resolve some hundreds of them. What
// a municipality sets, and what changes in the dark, are the basis tokens
// (--basis-…); those stay.
export function settleTokens(css, { theme, light }) {
  const tokens = new Map([...declarations(theme), ...declarations(light)]);
  const stays = (name) => /^--(basis-|lk-|_)/.test(name) || css.includes(`${name}:`);
  const settle = (text) => replaceVars(text, (name, fallback) => {
    if (stays(name)) return null;
    const value = tokens.get(name) ?? fallback;
    return value === undefined ? null : settle(value);
  });
  return settle(css);
}

// addTokens puts before parts the tokens that parts needs: ours, and of the
// theme (the design system's example) those that ours leave open.
export function addTokens({ parts, light, dark, theme }) {
  const example = declarations(theme);
  const byDay = declarations(light), byNight = declarations(dark);
  const needed = new Map();
  const visit = (text) => replaceVars(text, (name) => {
    const ours = [byDay.get(name), byNight.get(name)].filter((v) => v !== undefined);
    if (!needed.has(name) && (ours.length || example.has(name))) {
      needed.set(name, ours.length ? null : example.get(name));
      (ours.length ? ours : [example.get(name)]).forEach(visit);
    }
    return null;
  });
  visit(parts);
  const used = (css) => css.replace(/(--[\w-]+):[^;}]+;?/g, (whole, name) => (needed.has(name) ? whole : ''));
  const theirs = [...needed].filter(([, v]) => v !== null).map(([n, v]) => `${n}:${v}`);
  return `:root{${theirs.sort().join(';')}}` + used(light) + inTheDark(used(dark)) + parts;
}

// inTheDark writes the dark tokens for a device that is set to dark and for a
// person who chose it, and leaves who chose light alone. Paper stays light.
function inTheDark(dark) {
  const at = (root) => dark.replaceAll(':root', root);
  return `@media screen and (prefers-color-scheme:dark){${at(':root:not([data-theme=light])')}}` +
    `@media screen{${at(':root[data-theme=dark]')}}`;
}

// physical writes padding-left for padding-inline-start and so on: phones of
// before 2021 know no logical shorthands, and our languages all run left to
// right. The words people write keep the logical ones: those may run otherwise.
export function physical(css) {
  return mapRules(css, (head, body) => {
    if (head.includes('.lk-text')) return `${head}{${body}}`;
    return `${head}{${split(body, ';').map(toPhysical).filter(Boolean).join(';')}}`;
  });
}

const sides = { 'inline-start': 'left', 'inline-end': 'right', 'block-start': 'top', 'block-end': 'bottom' };

function toPhysical(declaration) {
  const colon = declaration.indexOf(':');
  const name = declaration.slice(0, colon);
  const value = declaration.slice(colon + 1);
  if (name.startsWith('--')) return declaration;
  const size = name.match(/^(min-|max-)?(inline|block)-size$/);
  if (size) return `${size[1] ?? ''}${size[2] === 'inline' ? 'width' : 'height'}:${value}`;
  const part = name.match(/^(inset|padding|margin|border|scroll-margin|scroll-padding)-(inline|block)(-start|-end)?(-\w+)?$/);
  if (!part) return declaration;
  const [, property, axis, end, rest = ''] = part;
  const on = (side) => (property === 'inset' ? side : `${property}-${side}`) + rest;
  if (end) return `${on(sides[axis + end])}:${value}`;
  const [first, last = first] = property === 'border' ? [value] : split(value.trim(), ' ');
  return `${on(sides[axis + '-start'])}:${first};${on(sides[axis + '-end'])}:${last}`;
}

// declarations returns the custom properties of css by name; the last wins.
function declarations(css) {
  const found = new Map();
  const bare = css.replace(/\/\*[\s\S]*?\*\//g, '');
  for (const [, name, value] of bare.matchAll(/(--[\w-]+)\s*:\s*([^;}]+)/g)) found.set(name, value.trim());
  return found;
}

// replaceVars asks with for every var(name, fallback) in text, from the outside
// in; null leaves the var and goes on inside its fallback.
function replaceVars(text, ask) {
  let result = '', at = 0;
  for (;;) {
    const open = text.indexOf('var(', at);
    if (open < 0) return result + text.slice(at);
    let depth = 1, end = open + 4;
    for (; depth; end++) depth += text[end] === '(' ? 1 : text[end] === ')' ? -1 : 0;
    const inner = text.slice(open + 4, end - 1);
    const comma = inner.indexOf(',');
    const name = (comma < 0 ? inner : inner.slice(0, comma)).trim();
    const fallback = comma < 0 ? undefined : inner.slice(comma + 1).trim();
    result += text.slice(at, open) +
      (ask(name, fallback) ?? (comma < 0 ? `var(${name})` : `var(${name},${replaceVars(fallback, ask)})`));
    at = end;
  }
}

// mapRules gives every rule of css without comments to change, those inside
// @media and @supports too; a group that becomes empty goes.
function mapRules(css, change) {
  return rules(css).map(({ head, body, text }) => {
    if (!head.startsWith('@')) return change(head, body);
    if (body === null || !/^@(media|supports)/.test(head)) return text;
    const inner = mapRules(body, change);
    return inner && `${head}{${inner}}`;
  }).join('');
}

function rules(css) {
  const found = [];
  let start = 0;
  while (start < css.length) {
    const open = css.indexOf('{', start);
    const semi = css.indexOf(';', start);
    if (semi >= 0 && (open < 0 || semi < open)) {
      found.push({ head: css.slice(start, semi), body: null, text: css.slice(start, semi + 1) });
      start = semi + 1;
      continue;
    }
    if (open < 0) break;
    let depth = 1, end = open + 1;
    for (; depth && end < css.length; end++) depth += css[end] === '{' ? 1 : css[end] === '}' ? -1 : 0;
    found.push({ head: css.slice(start, open).trim(), body: css.slice(open + 1, end - 1), text: css.slice(start, end) });
    start = end;
  }
  return found;
}

// split cuts text at every mark that stands outside brackets and quotes.
function split(text, mark) {
  const found = [];
  let depth = 0, quote = '', start = 0;
  for (let i = 0; i <= text.length; i++) {
    const c = text[i];
    if (quote) { if (c === quote) quote = ''; } else if (c === '"' || c === "'") quote = c;
    else if (c === '(' || c === '[') depth++;
    else if (c === ')' || c === ']') depth--;
    if (i === text.length || (c === mark && depth === 0 && !quote)) {
      if (i > start) found.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return found;
}
