// A list of posts that is kept as the stream is. A post event means: put this
// post in its place by its id; an older state than the one there is passed over.

import { Idiomorph } from 'idiomorph';
import { dress } from '../component/dress';
import { element, find, findAll, language, me, parse, say, zone } from './page';
import type { Post } from './socket';

const groupWithin = 5 * 60_000; // as in stream/place.go

export class List {
  readonly stream: number;
  readonly space: number;
  readonly kind: string;
  // threadOf is the post under which these are said, 0 for the whole stream.
  readonly threadOf: number;
  readonly items: HTMLOListElement;
  // rev is what this list knows of the stream.
  rev: number;

  constructor(readonly root: HTMLElement) {
    this.stream = Number(root.dataset['stream']);
    this.space = Number(root.dataset['space']);
    this.kind = root.dataset['kind']!;
    this.threadOf = Number(root.dataset['threadOf'] ?? 0);
    this.rev = Number(root.dataset['rev']);
    this.items = root.querySelector<HTMLOListElement>('[data-posts] > ol')!;
  }

  // whole: the newest posts are here, so that newer ones can follow.
  get whole(): boolean { return !this.root.hasAttribute('data-newer'); }

  get isChannel(): boolean { return this.kind === 'channel' && !this.threadOf; }

  // isBeside: it is a thread beside its channel, where the same posts stand.
  private get isBeside(): boolean { return Boolean(this.threadOf && this.root.closest('.lk-aside')); }

  // put puts a post in its place, and returns its list item when it is new here.
  put(post: Post, fragment: string): HTMLElement | null {
    const there = this.articles(post.id);
    there.forEach((e) => replace(e, fragment, post.rev));
    const place = there.length ? null : this.placeFor(post);
    const article = place && parse(fragment);
    if (!article) return null;
    dress(article);
    if (place.under) unsay(article);
    if (this.isBeside) rename(article);
    const item = element('li', 'lk-place');
    item.append(article);
    insert(place.list, item, post.id);
    find('[data-empty]', this.root)?.remove();
    this.settle(item);
    return item;
  }

  // articles are the elements of a post that this list sees to: a list of the
  // whole stream also to what stands above it, the opening and the answer.
  private articles(id: number): HTMLElement[] {
    const all = findAll(`[data-post="${id}"]`, this.threadOf ? this.root : document);
    return this.threadOf ? all : all.filter((e) => !e.closest('[data-thread-of]'));
  }

  // placeFor finds where a post belongs: in a channel at its time, else under the
  // post it answers. It is null for what belongs to a part that is not here.
  private placeFor(post: Post): { list: HTMLElement; under: boolean } | null {
    const answers = post.parent ? this.articles(post.parent)[0] : undefined;
    if (this.threadOf) return answers ? { list: this.items, under: post.parent === this.threadOf } : null;
    const first = idOf(this.items.firstElementChild);
    if (first && post.id < first && find('[data-older]', this.root)) return null;
    if (!this.whole && post.id > lastID(this.items)) return null;
    if (this.isChannel || !answers) return { list: this.items, under: false };
    // A reply to the opening stands by itself.
    if (!this.root.contains(answers) && !answers.closest('[data-part=answer]')) return { list: this.items, under: true };
    const place = answers.closest<HTMLElement>('.lk-place')!;
    const top = place.parentElement!.matches('.lk-replies') ? place.parentElement!.parentElement! : place;
    let replies = top.querySelector<HTMLElement>('.lk-replies');
    if (!replies) {
      replies = element('ol', 'lk-replies');
      top.append(replies);
    }
    return { list: replies, under: top === place };
  }

  // settle sees to the day lines and to what stands close together, around an
  // item that was put in.
  settle(item: HTMLElement): void {
    if (!this.isChannel || item.parentElement !== this.items) return;
    this.touchUp(item);
    const next = item.nextElementSibling as HTMLElement | null;
    if (next && !next.classList.contains('is-pending')) this.touchUp(next);
  }

  private touchUp(item: HTMLElement): void {
    const post = item.querySelector<HTMLElement>('[data-post]');
    if (!post) return;
    const before = item.previousElementSibling?.querySelector<HTMLElement>('[data-post]') ?? null;
    const at = new Date(post.dataset['at']!), then = before && new Date(before.dataset['at']!);
    const newDay = !then || dayKey(then) !== dayKey(at);
    const line = find(':scope > .lk-day', item);
    if (newDay && !line) {
      const day = element('p', 'lk-day');
      day.append(element('span', '', dayName(at)));
      item.prepend(day);
    } else if (!newDay && then) line?.remove();
    const goesOn = !newDay && before && post.dataset['author'] && before.dataset['author'] === post.dataset['author'] &&
      at.getTime() - then!.getTime() < groupWithin && !find(':scope > .lk-newline', item) &&
      !post.querySelector('.lk-post-to') && !post.classList.contains('is-deleted') && !before.classList.contains('is-deleted');
    item.classList.toggle('is-continued', Boolean(goesOn));
  }

  // markNew shows that an item is new to the reader, as the page itself does: a
  // line before the first one, under which all is new, and a mark at a reply that
  // stands above the line. first: all the others were seen.
  markNew(item: HTMLElement, first: boolean): void {
    if (first) this.unmarkNew();
    const post = item.querySelector(':scope > [data-post]');
    const there = find('.lk-newline', this.root);
    if (item.parentElement === this.items && !there) {
      const line = element('p', 'lk-newline');
      line.id = 'nieuw';
      line.append(element('span', '', say('new_from_here')));
      item.insertBefore(line, post);
      this.settle(item);
    } else if (!this.isChannel && !(there && there.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING)) {
      const mark = element('span', 'lk-dot lk-new-mark');
      mark.append(element('span', 'lk-sr', say('is_new')));
      item.insertBefore(mark, post);
    }
  }

  private unmarkNew(): void {
    findAll('.lk-newline', this.root).forEach((line) => {
      const item = line.parentElement!;
      line.remove();
      this.settle(item);
    });
    findAll('.lk-new-mark', this.root).forEach((mark) => mark.remove());
  }

  // retellDays says again which day it was: a page that stays open overnight
  // goes on saying "today".
  retellDays(): void {
    findAll('.lk-day > span', this.root).forEach((day) => {
      const at = day.closest('li')?.querySelector<HTMLElement>('[data-post]')?.dataset['at'];
      if (at) day.textContent = dayName(new Date(at));
    });
  }
}

// replace brings a post that is there to a newer state; what the reader is doing
// with it (a menu, a text being edited) stays.
export function replace(old: HTMLElement, fragment: string, rev: number): void {
  if (Number(old.dataset['rev']) >= rev) return;
  if (old.hasAttribute('data-whole')) {
    document.dispatchEvent(new CustomEvent('lk-refresh'));
    return;
  }
  const fresh = parse(fragment);
  if (!fresh) return;
  dress(fresh);
  if (!find('.lk-post-to', old)) unsay(fresh);
  ['is-open', 'is-editing'].forEach((name) => { if (old.classList.contains(name)) fresh.classList.add(name); });
  if (old.id.startsWith('draad-')) rename(fresh);
  const thread = find('.lk-post-thread', old);
  if (thread && !fresh.classList.contains('is-deleted')) foot(fresh).append(thread.cloneNode(true));
  Idiomorph.morph(old, fresh, {
    morphStyle: 'outerHTML', ignoreActiveValue: true,
    callbacks: { beforeNodeRemoved: (node) => !(node instanceof HTMLElement && node.matches('.lk-sheet, [data-edit]')) },
  });
}

// rename keeps ids apart in a thread that stands beside its channel.
export function rename(part: HTMLElement): void {
  [part, ...findAll('[id], [aria-labelledby], a[href]', part)].forEach((e) => ['id', 'aria-labelledby', 'href'].forEach((name) => {
    const to = e.getAttribute(name);
    if (to && /^#?post-/.test(to)) e.setAttribute(name, to.replace('post-', 'draad-post-'));
  }));
}

// foot is the part of a post for what readers did with it.
export function foot(post: HTMLElement): HTMLElement {
  const there = find('.lk-post-foot', post);
  if (there) return there;
  const made = element('footer', 'lk-post-foot');
  post.insertBefore(made, post.querySelector(':scope > .lk-post-more'));
  return made;
}

// unsay leaves out whom a post answers, where it stands right under that.
function unsay(post: HTMLElement): void { find('.lk-post-to', post)?.remove(); }

// insert puts an item among others in the order of their ids, and before what is
// still on its way.
function insert(list: HTMLElement, item: HTMLElement, id: number): void {
  let after: Element | null = null;
  for (let e = list.lastElementChild; e; e = e.previousElementSibling) {
    const other = idOf(e);
    if (other && other < id) break;
    after = e;
  }
  list.insertBefore(item, after);
}

export function idOf(item: Element | null): number {
  return Number(item?.querySelector<HTMLElement>('[data-post]')?.dataset['post'] ?? 0);
}

function lastID(list: HTMLElement): number {
  for (let e = list.lastElementChild; e; e = e.previousElementSibling) if (idOf(e)) return idOf(e);
  return 0;
}

export function isMine(post: Post): boolean { return String(post.author?.id ?? '') === me; }

const dayFormat = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });

function dayKey(at: Date): string { return dayFormat.format(at); }

// dayName says a day as the server does: "vandaag", "dinsdag 17 november".
export function dayName(at: Date): string {
  const now = new Date(), key = dayKey(at);
  if (key === dayKey(now)) return say('today');
  if (key === dayKey(new Date(now.getTime() - 86_400_000))) return say('yesterday');
  const sameYear = key.slice(0, 4) === dayKey(now).slice(0, 4);
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    timeZone: zone, weekday: 'long', day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at);
}
