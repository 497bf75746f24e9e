// What was written and is not yet taken. It is kept until the server has said
// that it has it, and goes out again and again under the same nonce, so that it
// arrives once: from this page, or from the next one that is opened.

import { ask, me } from './page';
import { keep, kept } from './kept';
import type { Named } from './mention';
import { ended, isOpen, onLine, send, type Post, type Refusal } from './socket';

export interface Unsent {
  nonce: string;
  stream: number;
  parent: number;
  // body is what is sent, shown what the writer sees, with the people it names.
  body: string;
  shown: string;
  named: Named;
  at: number;
  // why it was refused; then it waits for its writer.
  why?: string;
}

interface Watcher {
  // sent: it is there; fragment is its element when the socket will not bring it.
  sent(one: Unsent, post: Post | null, fragment: string): void;
  refused(one: Unsent): void;
}

const onTheWay = new Set<string>();
let watcher: Watcher | null = null;
let round = 0;

export function watch(by: Watcher): void { watcher = by; }

export function unsent(): Unsent[] { return kept<Unsent[]>('unsent') ?? []; }

export function add(one: Unsent): void {
  keep('unsent', [...unsent(), one]);
  void deliver(one);
}

export function remove(nonce: string): void {
  const rest = unsent().filter((one) => one.nonce !== nonce);
  keep('unsent', rest.length ? rest : null);
}

// again sends what was refused once more.
export function again(nonce: string): void {
  const one = unsent().find((o) => o.nonce === nonce);
  if (!one) return;
  delete one.why;
  note(one);
  void deliver(one);
}

function note(one: Unsent): void {
  keep('unsent', unsent().map((o) => (o.nonce === one.nonce ? one : o)));
}

async function deliver(one: Unsent): Promise<void> {
  if (one.why || onTheWay.has(one.nonce)) return;
  onTheWay.add(one.nonce);
  try {
    if (isOpen()) await bySocket(one);
    else await byForm(one);
  } finally {
    onTheWay.delete(one.nonce);
  }
}

async function bySocket(one: Unsent): Promise<void> {
  try {
    const { post } = await send<{ post: Post }>('post', {
      stream: one.stream, body: one.body, nonce: one.nonce, ...(one.parent ? { parent: one.parent } : {}),
    });
    remove(one.nonce);
    watcher?.sent(one, post, '');
  } catch (error) {
    const { code, message } = error as Refusal;
    if (code === 'unavailable') tryLater();
    else if (code !== 'lost') refuse(one, message);
  }
}

// byForm is for when there is no socket: it may be that only sockets do not get
// through.
async function byForm(one: Unsent): Promise<void> {
  const form = new FormData();
  form.set('body', one.body);
  form.set('nonce', one.nonce);
  if (one.parent) form.set('parent', String(one.parent));
  try {
    const answer = await ask(`/gesprekken/${one.stream}/berichten`, 'post', form);
    if (answer.status === 401) return ended();
    const text = await answer.text();
    if (answer.status === 201) {
      remove(one.nonce);
      watcher?.sent(one, null, text);
    } else if (answer.status < 500) {
      refuse(one, answer.headers.get('Content-Type')?.startsWith('text/html') && text.length < 500 ? text : '');
    } else tryLater();
  } catch {
    tryLater();
  }
}

function refuse(one: Unsent, why: string): void {
  one.why = why || ' ';
  note(one);
  watcher?.refused(one);
}

function tryLater(): void {
  clearTimeout(round);
  round = window.setTimeout(flush, 3000 + Math.random() * 4000);
}

// flush sends all that waits, one after another, so that it keeps its order.
export async function flush(): Promise<void> {
  for (const one of unsent()) await deliver(one);
}

if (me) onLine((line) => { if (line === 'open') void flush(); });
