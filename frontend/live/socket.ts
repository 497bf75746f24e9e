// The page's one connection with the server (docs/protocol.md). It comes back by
// itself: at once when the browser says it may work again, else after a pause
// that grows and is never the same for two readers.

export interface Refusal {
  code: string;
  message: string;
}

export interface Person {
  id: number;
  name: string;
  organisation: string;
}

export interface Post {
  id: number;
  stream: number;
  rev: number;
  parent: number | null;
  author: Person | null;
  body: string;
  created_at: string;
  deleted: boolean;
}

export interface Event {
  stream?: number;
  rev?: number;
  event: string;
  data: unknown;
  fragment?: string;
}

// Line is how the connection is: 'ended' means that somebody has to sign in.
export type Line = 'open' | 'connecting' | 'waiting' | 'ended';

interface Waiting {
  done: (ok: never) => void;
  refused: (why: Refusal) => void;
}

const shortest = 500, longest = 30_000; // of the pause, in ms
const silence = 40_000; // without a word for so long, ask whether anybody is there
const patience = 10_000; // for the answer to that

let socket: WebSocket | null = null;
let line: Line = 'waiting';
let tries = 0;
let timer = 0;
let heard = 0; // when the server last said something
let asked = false;
let number = 0;
const waiting = new Map<number, Waiting>();
const listeners: ((event: Event) => void)[] = [];
const watchers: ((line: Line) => void)[] = [];

// onEvent calls listen for every event.
export function onEvent(listen: (event: Event) => void): void { listeners.push(listen); }

// onLine calls watch with how the connection is, now and whenever that changes.
export function onLine(watch: (line: Line) => void): void {
  watchers.push(watch);
  watch(line);
}

export function isOpen(): boolean { return line === 'open'; }

// send sends a command and returns its answer. It fails with a Refusal; with the
// code "lost" when the connection went before the answer came.
export function send<T>(cmd: string, fields: Record<string, unknown> = {}): Promise<T> {
  return new Promise<T>((done, refused) => {
    if (!socket || line !== 'open') return refused({ code: 'lost', message: '' });
    const id = ++number;
    waiting.set(id, { done: done as (ok: never) => void, refused });
    socket.send(JSON.stringify({ id, cmd, ...fields }));
  });
}

// connect opens the connection, and keeps it. A guest has none, and neither has
// an example of a page.
export function connect(): void {
  const page = document.body.dataset;
  if (socket || line === 'ended' || !page['me'] || page['sample'] !== undefined) return;
  clearTimeout(timer);
  become('connecting');
  const ws = new WebSocket(`${location.protocol.replace('http', 'ws')}//${location.host}/ws?format=html`, 'leerkring.v1');
  let opened = false;
  socket = ws;
  ws.onopen = () => {
    opened = true;
    heard = Date.now();
    become('open');
  };
  ws.onmessage = (message) => {
    tries = 0;
    heard = Date.now();
    asked = false;
    for (const text of (message.data as string).split('\n')) if (text) take(JSON.parse(text) as never);
  };
  ws.onclose = (close) => { if (socket === ws) lost(close.code, opened); };
}

// ended says that nobody is signed in any more.
export function ended(): void {
  drop();
  clearTimeout(timer);
  become('ended');
}

function become(now: Line): void {
  if (line === now) return;
  line = now;
  watchers.forEach((watch) => watch(now));
}

function take(message: Event & { id?: number; ok?: never; error?: Refusal }): void {
  if (message.event) return listeners.forEach((listen) => listen(message));
  const command = waiting.get(message.id ?? 0);
  if (!command) return;
  waiting.delete(message.id!);
  if (message.error) command.refused(message.error);
  else command.done(message.ok!);
}

function lost(code: number, opened: boolean): void {
  drop();
  if (code === 4401) return ended();
  // A browser does not say why it could not connect. Perhaps nobody is signed in.
  if (!opened && tries > 0) void whether();
  again(code === 1001 ? Math.random() * 5000 : pause());
}

// pause is random between the shortest and what doubles with each try.
function pause(): number {
  const most = Math.min(longest, shortest * 2 ** ++tries);
  return shortest + Math.random() * (most - shortest);
}

function again(ms: number): void {
  clearTimeout(timer);
  become('waiting');
  timer = window.setTimeout(connect, ms);
}

function drop(): void {
  const old = socket;
  socket = null;
  old?.close();
  waiting.forEach((command) => command.refused({ code: 'lost', message: '' }));
  waiting.clear();
}

async function whether(): Promise<void> {
  try {
    const answer = await fetch('/api/v1/me/settings', { credentials: 'same-origin' });
    if (answer.status === 401) ended();
  } catch {
    // no connection at all
  }
}

// wake is for when the browser comes back: try now, or make sure that the
// connection still is one.
function wake(): void {
  if (!socket) {
    if (line === 'waiting') connect();
  } else if (line === 'open') {
    listen();
  }
}

// listen asks for a sign of life, and takes silence for the end.
function listen(): void {
  if (asked) return;
  asked = true;
  const ws = socket;
  send('ping').catch(() => undefined);
  setTimeout(() => {
    if (asked && socket === ws && ws) lost(1006, true);
  }, patience);
}

setInterval(() => {
  if (line === 'open' && Date.now() - heard > silence) listen();
}, silence / 4);
addEventListener('online', wake);
addEventListener('pageshow', wake);
document.addEventListener('visibilitychange', () => { if (!document.hidden) wake(); });
// An open connection would keep the page from coming back as it was.
addEventListener('pagehide', () => {
  if (line !== 'ended') {
    drop();
    become('waiting');
  }
});
