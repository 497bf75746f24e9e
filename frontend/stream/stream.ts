// A live stream: listens to what happens in it and shows that, sends what is
// written, and keeps both whole when the connection goes.

import { Idiomorph } from 'idiomorph';
import '../component/popover';
import { dress } from '../component/dress';
import { act } from '../live/actions';
import * as announce from '../live/announce';
import { Composer } from '../live/composer';
import { fill } from '../live/editor';
import { isMine, List } from '../live/list';
import { notice, unnotice } from '../live/notice';
import * as outbox from '../live/outbox';
import { find, findAll, later, say } from '../live/page';
import * as pending from '../live/pending';
import { People } from '../live/people';
import { Reading } from '../live/reading';
import { onEvent, onLine, send, type Event, type Post } from '../live/socket';
import { similar } from './similar';
import { threads } from './thread';

const slowAfter = 2500; // ms without a connection before it is worth a word
let slow = 0;

const root = find('[data-live]');
if (root) live(new List(root));

function live(main: List): void {
  const lists = [main];
  const people = new People(main);
  const reading = main.threadOf ? null : new Reading(main);
  const composers: Composer[] = [];
  let listening = false;

  findAll('form[data-composer][data-stream]').forEach((form) => addComposer(form as HTMLFormElement, main));
  outbox.unsent().filter((one) => one.stream === main.stream && inList(main, one.parent)).forEach((one) => showPending(one, main));
  outbox.watch({ sent: taken, refused: (one) => pending.refused(one, takeBack) });
  act({ space: main.space, near: () => [...people.inPage().values()], reply: (post, name) => reply(post, name) });
  const bump = threads(main, (list, form) => {
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
  document.addEventListener('lk-refresh', later(() => void refresh(false), 150));

  function addComposer(form: HTMLFormElement, list: List): void {
    composers.push(new Composer(form, list, people, (one) => {
      if (!list.whole) reading?.toEnd(); // the page that opens there sends it
      showPending(one, list);
      if (list === main) reading?.toEnd();
    }));
  }

  function showPending(one: outbox.Unsent, list: List): void { pending.show(one, list, takeBack); }

  function takeBack(one: outbox.Unsent): void { composers[0]?.takeBack(one); }

  function reply(post: HTMLElement, name: string): boolean {
    const composer = composers.find((c) => post.closest('[data-thread-of]')?.parentElement?.contains(c.form)) ?? composers[0];
    composer?.replyTo(Number(post.dataset['post']), name);
    return Boolean(composer);
  }

  async function subscribe(): Promise<void> {
    try {
      const since = Math.min(...lists.map((list) => list.rev));
      const now = await send<{ rev: number; reset?: boolean; posts?: Post[]; fragments?: string[]; stream?: unknown }>('subscribe', { stream: main.stream, since });
      listening = true;
      if (now.reset) await refresh(true);
      now.posts?.forEach((post, i) => put(post, now.fragments![i]!));
      lists.forEach((list) => { list.rev = Math.max(list.rev, now.rev); });
      if (now.stream) void refresh(false);
      main.root.classList.add('is-live');
      reading?.see();
      void people.ask();
    } catch (error) {
      if ((error as { code: string }).code === 'not_found') revoked();
    }
  }

  function take(event: Event): void {
    switch (event.event) {
      case 'post.created': case 'post.changed': case 'post.deleted':
        put(event.data as Post, event.fragment!);
        break;
      case 'stream.changed':
        document.dispatchEvent(new CustomEvent('lk-refresh'));
        break;
      case 'typing': case 'joined': case 'left':
        people.take(event);
        break;
      case 'revoked':
        revoked();
    }
    if (event.rev && listening) lists.forEach((list) => { list.rev = Math.max(list.rev, event.rev!); });
    reading?.see();
  }

  // put puts a post in all lists it belongs to.
  function put(post: Post, fragment: string): void {
    // Its own element takes the place of the one that was on its way.
    const own = isMine(post) ? outbox.unsent().find((one) => one.stream === post.stream && one.body.trim() === post.body.trim() && one.parent === (post.parent ?? 0)) : undefined;
    if (own) pending.gone(own.nonce);
    let item: HTMLElement | null = null;
    const insert = () => lists.forEach((list) => {
      const made = list.put(post, fragment);
      if (made && list === main) item = made;
      if (made) bump(post, list);
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
    composers.forEach((composer) => composer.close());
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

  // refresh loads the page anew behind the back of its reader: all of it when too
  // much was missed, else what stands around the posts.
  async function refresh(all: boolean): Promise<void> {
    const answer = await fetch(location.pathname + location.search, { credentials: 'same-origin' });
    if (answer.status === 404) return revoked();
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = find('[data-live]', page);
    if (!fresh) return;
    dress(page.body);
    document.title = page.title;
    findAll('[data-part]').forEach((part) => {
      const now = find(`[data-part="${part.dataset['part']}"]`, page);
      if (now && part.dataset['part'] === 'write') swapComposer(part, now);
      else if (now) morph(part, now);
    });
    if (!all && main.isChannel) return;
    const items = fresh.querySelector<HTMLElement>('[data-posts] > ol')!;
    findAll(':scope > .is-pending', main.items).forEach((item) => items.append(item.cloneNode(true)));
    morph(main.items, items);
    main.root.toggleAttribute('data-newer', fresh.hasAttribute('data-newer'));
    main.rev = Math.max(main.rev, Number(fresh.dataset['rev']));
    reading?.see();
  }

  function morph(old: HTMLElement, now: HTMLElement): void {
    Idiomorph.morph(old, now, {
      morphStyle: 'outerHTML',
      callbacks: { beforeNodeRemoved: (node) => !(node instanceof HTMLElement && node.matches('.lk-sheet, [data-edit]')) },
    });
  }

  // swapComposer follows when one can write no more, or again.
  function swapComposer(part: HTMLElement, now: HTMLElement): void {
    const had = find('form[data-composer]', part), has = find('form[data-composer]', now);
    if (Boolean(had) === Boolean(has)) return;
    if (had && composers[0]?.area.value.trim()) {
      composers[0].close();
      part.prepend(...Array.from(now.children));
    } else {
      part.replaceChildren(...Array.from(now.children));
      if (has) addComposer(has as HTMLFormElement, main);
    }
  }
}

// A text that is edited on a page of its own.
const box = find('main [data-edit]');
if (box && !root) fill(box, null, 0, () => []);

const start = find('form[data-start]') as HTMLFormElement | null;
if (start) similar(start);
