// What every live module needs to know of the page and its reader.

export const me = document.body.dataset['me'] ?? '';
export const language = document.documentElement.lang || 'nl';
export const zone = document.body.dataset['zone'] ?? 'Europe/Amsterdam';

const words = JSON.parse(document.getElementById('live-words')?.textContent || '{}') as Record<string, string>;

// say returns a text of the page with its gaps filled: say('here_many', { N: 5 }).
export function say(key: string, gaps: Record<string, string | number> = {}): string {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(gaps[name] ?? whole));
}

// element makes an element of a class with a text.
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, className = '', text = ''): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  if (className) e.className = className;
  if (text) e.textContent = text;
  return e;
}

// find is querySelector, for elements of HTML.
export function find(selector: string, root: ParentNode = document): HTMLElement | null {
  return root.querySelector<HTMLElement>(selector);
}

export function findAll(selector: string, root: ParentNode = document): HTMLElement[] {
  return Array.from(root.querySelectorAll<HTMLElement>(selector));
}

// parse makes the first element that a piece of HTML of ours holds.
export function parse(html: string): HTMLElement | null {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content.firstElementChild as HTMLElement | null;
}

// ask sends a request as script does: for a part of a page, or with a form.
export function ask(path: string, part: string, body?: FormData): Promise<Response> {
  const fields = body && new URLSearchParams(body as unknown as Record<string, string>);
  return fetch(path, { method: body ? 'POST' : 'GET', ...(fields ? { body: fields } : {}), credentials: 'same-origin', headers: { 'X-Leerkring': part } });
}

// later calls does once, so many milliseconds after the last time it was asked.
export function later(does: () => void, ms: number): () => void {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(does, ms);
  };
}

// nonce makes a UUID, also where the page has no secure address.
export function nonce(): string {
  if ('randomUUID' in crypto) return crypto.randomUUID();
  const b = (crypto as Crypto).getRandomValues(new Uint8Array(16));
  b[6] = (b[6]! & 0x0f) | 0x40;
  b[8] = (b[8]! & 0x3f) | 0x80;
  const hex = Array.from(b, (n) => n.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
