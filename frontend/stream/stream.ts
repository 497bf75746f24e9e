// A live stream: listens to what happens in it and shows that, sends what is
// written, and keeps both whole when the connection goes.

import { Idiomorph } from 'idiomorph';
import '../component/popover';
import { dress } from '../component/dress';
import { act } from '../live/actions';
import * as announce from '../live/announce';
import { Composer } from '../live/composer';
import { fill } from '../live/editor';
import { isMine, List, replace } from '../live/list';
import { notice, unnotice } from '../live/notice';
import * as outbox from '../live/outbox';
import { find, findAll, later, say } from '../live/page';
import * as pending from '../live/pending';
import { People } from '../live/people';
import { Reading } from '../live/reading';
import { isOpen, onEvent, onLine, send, type Event, type Post } from '../live/socket';
import { similar } from './similar';
import { threads } from './thread';

const slowAfter = 2500; // ms without a connection before it is worth a word
let slow = 0, again = 0;

const root = find('[data-live]');
if (root) live(new List(root));

function live(main: List): void {
  const lists = [main];
  const people = new People(main);
  const reading = main.threadOf ? null : new Reading(main, during);
  const composers: Composer[] = [];
  let listening = false;
  let loads = 0; // parts of the page that are on their way
  let came: [Post, string][] = []; // what came since the first of them was asked for

  findAll('form[data-composer][data-stream]').forEach((form) => addComposer(form as HTMLFormElement, main));
  outbox.unsent().filter((one) => one.stream === main.stream && inList(main, one.parent)).forEach((one) => showPending(one, main));
  outbox.watch({ sent: taken, refused: (one) => pending.refused(one, takeBack) });
  act({ space: main.space, near: () => [...people.inPage().values()], reply: (post, name) => reply(post, name) });
  const thread = threads(main, during, (list, form) => {
    lists.splice(1, lists.length, ...(list ? [list] : []));
    if (list && form) addComposer(form, list);
  });

  onEvent((event) => { if (event.stream === main.stream) take(event); });
  onLine((line) => {
    listening = false;
    main.root.classList.remove('is-live');
    if (line === 'open') void subscribe();
    tellLine(line);
  });
  addEventListener('online', () => unnotice('line'));
  document.addEventListener('lk-refresh', later(() => refresh(false).catch(() => undefined), 150));

  function addComposer(form: HTMLFormElement, list: List): void {
    composers.push(new Composer(form, list, people, (one) => {
      if (!list.whole) reading?.toEnd(); // the page that opens there sends it
      showPending(one, list);
      if (list === main) reading?.toEnd();
    }));
  }

  function showPending(one: outbox.Unsent, list: List): void { pending.show(one, list, takeBack); }

  function takeBack(one: outbox.Unsent): boolean {
    const open = boxes();
    const composer = open.find((c) => c.own === one.parent) ?? open[0];
    composer?.takeBack(one);
    return Boolean(composer);
  }

  // boxes are the composers that are on the page.
  function boxes(): Composer[] { return composers.filter((c) => c.form.isConnected); }

  function reply(post: HTMLElement, name: string): boolean {
    const open = boxes();
    const composer = open.find((c) => post.closest('[data-thread-of]')?.parentElement?.contains(c.form)) ?? open[0];
    composer?.replyTo(Number(post.dataset['post']), name);
    return Boolean(composer);
  }

  async function subscribe(): Promise<void> {
    clearTimeout(again);
    try {
      const since = Math.min(...lists.map((list) => list.rev));
      const now = await send<{ rev: number; reset?: boolean; posts?: Post[]; fragments?: string[]; stream?: unknown }>('subscribe', { stream: main.stream, since });
      if (now.reset) {
        boxes().forEach((box) => box.store());
        await Promise.all([refresh(true), thread.reload()]);
      }
      now.posts?.forEach((post, i) => put(post, now.fragments![i]!));
      listening = true;
      known(now.rev);
      if (now.stream) tellChanged();
      main.root.classList.add('is-live');
      reading?.see();
      void people.ask();
    } catch (error) {
      if ((error as { code: string }).code === 'not_found') revoked();
      else again = window.setTimeout(() => { if (isOpen()) void subscribe(); }, 2000 + Math.random() * 3000);
    }
  }

  function known(rev: number): void { lists.forEach((list) => { list.rev = Math.max(list.rev, rev); }); }

  // during loads a part of the page, and then puts in again what came meanwhile:
  // it may be newer than the part.
  async function during<T>(load: () => Promise<T>): Promise<T> {
    if (loads++ === 0) came = [];
    try {
      return await load();
    } finally {
      if (--loads === 0) came.splice(0).forEach(([post, fragment]) => lists.forEach((list) => list.put(post, fragment)));
    }
  }

  function take(event: Event): void {
    switch (event.event) {
      case 'post.created': case 'post.changed': case 'post.deleted':
        put(event.data as Post, event.fragment!);
        break;
      case 'stream.changed':
        tellChanged();
        break;
      case 'typing': case 'joined': case 'left':
        people.take(event);
        break;
      case 'revoked':
        revoked();
    }
    if (event.rev && listening) known(event.rev);
    reading?.see();
  }

  // put puts a post in all lists it belongs to.
  function put(post: Post, fragment: string): void {
    if (loads) came.push([post, fragment]);
    // Its own element takes the place of the one that was on its way.
    const own = isMine(post) ? outbox.unsent().find((one) => one.stream === post.stream && one.body.trim() === post.body.trim() && one.parent === (post.parent ?? 0)) : undefined;
    if (own) pending.gone(own.nonce);
    let item: HTMLElement | null = null;
    const insert = () => lists.forEach((list) => {
      const made = list.put(post, fragment);
      if (made && list === main) item = made;
      if (made) thread.bump(post, list);
    });
    if (reading && !own) reading.steady(insert);
    else insert();
    if (!item || post.deleted) return;
    if (isMine(post)) return reading?.toEnd();
    if (post.author) people.said(post.author.id);
    announce.post(post.author?.name ?? say('gone'), find('.lk-text', item)?.textContent?.trim() ?? '');
    reading?.came(item);
  }

  // taken: the server has it. The socket brings it as well; without one the
  // answer has brought it.
  function taken(one: outbox.Unsent, post: Post | null, fragment: string): void {
    if (one.stream !== main.stream) return;
    if (fragment) {
      const article = document.createElement('template');
      article.innerHTML = fragment;
      const e = article.content.firstElementChild as HTMLElement;
      const made = { id: Number(e.dataset['post']), stream: one.stream, rev: Number(e.dataset['rev']), parent: one.parent || null, author: null, body: '', created_at: '', deleted: false };
      lists.forEach((list) => list.put(made, fragment));
      return pending.gone(one.nonce);
    }
    if (post && find(`[data-post="${post.id}"]`)) pending.gone(one.nonce);
    else setTimeout(() => pending.gone(one.nonce), 5000);
  }

  function inList(list: List, parent: number): boolean {
    return !list.threadOf || parent === list.threadOf || Boolean(find(`[data-post="${parent}"]`, list.items));
  }

  function revoked(): void {
    notice('revoked', say('revoked'));
    composers.forEach((composer) => composer.close(true));
  }

  // tellLine says how the connection is, when it is not well for a while.
  function tellLine(line: string): void {
    clearTimeout(slow);
    if (line === 'ended') {
      notice('ended', say('signed_out'), { label: say('sign_in'), href: '/aanmelden?next=' + encodeURIComponent(location.pathname + location.search) });
      return tell('');
    }
    if (line === 'open') return tell('');
    slow = window.setTimeout(() => tell(navigator.onLine ? say('lost') : say('offline')), slowAfter);
  }

  function tell(text: string): void {
    findAll('[data-line]').forEach((e) => { e.textContent = text; });
    findAll('.is-pending').forEach((item) => { if (text) pending.tell(item.dataset['nonce']!, say('waiting')); });
  }

  function tellChanged(): void { document.dispatchEvent(new CustomEvent('lk-refresh')); }

  // refresh loads the page anew behind the back of its reader: all of it when too
  // much was missed, else what stands around the posts. It fails when it cannot.
  function refresh(all: boolean): Promise<void> {
    return during(async () => {
      // A channel is loaded where it is being read; the others are whole pages.
      const part = all && main.isChannel && reading?.at ? `?bericht=${reading.at}` : location.search;
      const answer = await fetch(location.pathname + part, { credentials: 'same-origin' });
      if (answer.status === 404) return revoked();
      const page = answer.ok && new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page && find('[data-live]', page);
      if (!page || !fresh) throw new Error(String(answer.status));
      dress(page.body);
      document.title = page.title;
      if (reading) reading.steady(() => takeOver(page, fresh, all), !all);
      else takeOver(page, fresh, all);
      reading?.see();
    });
  }

  function takeOver(page: Document, fresh: HTMLElement, all: boolean): void {
    findAll('[data-part]').forEach((part) => {
      const now = find(`[data-part="${part.dataset['part']}"]`, page);
      if (now && part.dataset['part'] === 'write') swapComposer(part, now);
      else if (now) morph(part, now);
    });
    if (!all && main.isChannel) return;
    const items = fresh.querySelector<HTMLElement>('[data-posts] > ol')!;
    if (all) find('.is-target', items)?.classList.remove('is-target');
    findAll(':scope > .is-pending', main.items).forEach((item) => items.append(item.cloneNode(true)));
    morph(main.items, items);
    if (all) reading?.renew(fresh);
    // And what stands above the list.
    findAll('[data-post]', page).filter((post) => !items.contains(post)).forEach((post) => {
      findAll(`[data-post="${post.dataset['post']}"]`).forEach((old) => replace(old, post.outerHTML, Number(post.dataset['rev'])));
    });
    known(Number(fresh.dataset['rev']));
  }

  function morph(old: HTMLElement, now: HTMLElement): void {
    Idiomorph.morph(old, now, {
      morphStyle: 'outerHTML',
      callbacks: { beforeNodeRemoved: (node) => !(node instanceof HTMLElement && node.matches('.lk-sheet, [data-edit]')) },
    });
  }

  // swapComposer follows when one can write no more, or again. What was typed
  // stays on the page.
  function swapComposer(part: HTMLElement, now: HTMLElement): void {
    const had = boxes().find((c) => c.form.parentElement === part), has = find('form[data-composer]', now);
    if (had && (has || had.area.value.trim())) {
      had.close(!has);
      has?.remove();
      Array.from(part.children).forEach((e) => { if (e !== had.form) e.remove(); });
      part.prepend(...Array.from(now.children));
    } else {
      part.replaceChildren(...Array.from(now.children));
      if (has) addComposer(has as HTMLFormElement, main);
    }
    outbox.unsent().filter((one) => one.why).forEach((one) => pending.refused(one, takeBack));
  }
}

// A text that is edited on a page of its own.
const box = find('main [data-edit]');
if (box && !root) fill(box, null, 0, () => []);

const start = find('form[data-start]') as HTMLFormElement | null;
if (start) similar(start);
