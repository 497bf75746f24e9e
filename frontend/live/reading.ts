// Reading a stream: where it opens, how far one has read, older posts when one
// scrolls up, and the way back to what is new. Nothing jumps: what comes in above
// or below leaves the lines one is reading where they are.

import { dress } from '../component/dress';
import { ask, element, find, findAll, later, say } from './page';
import { idOf, type List } from './list';
import { isOpen, send } from './socket';

export class Reading {
  // Below the last post; where it is in sight, all has been read.
  private readonly end = element('div', 'lk-end');
  private readonly button: HTMLButtonElement | null = null;
  private atEnd = false;
  private unread: number;
  private seenTo = 0;
  private below = 0; // posts of others that came below what is in sight
  private loading = false;
  private onward: IntersectionObserver | null = null;

  // during is how a part of the list is loaded (see stream.ts).
  constructor(private readonly list: List, private readonly during: <T>(load: () => Promise<T>) => Promise<T>) {
    this.unread = Number(list.root.dataset['unread'] ?? 0);
    list.root.append(this.end);
    if (list.isChannel) this.button = this.makeButton();
    this.open();
    new IntersectionObserver((all) => this.reached(all[all.length - 1]!.isIntersecting)).observe(this.end);
    this.watchOnward();
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) return;
      list.retellDays();
      this.see();
    });
  }

  // box is what scrolls: the middle of the page, or the page itself.
  private get box(): HTMLElement {
    const scroller = this.list.root.closest<HTMLElement>('[data-scroller]');
    const scrolls = scroller && /auto|scroll/.test(getComputedStyle(scroller).overflowY);
    return scrolls ? scroller : (document.scrollingElement as HTMLElement);
  }

  // open begins at the post that was asked for, else at the first new one.
  private open(): void {
    const wanted = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const target = wanted || find('.is-target', this.list.root) || (this.list.isChannel ? find('.lk-newline', this.list.root) : null);
    if (target) target.scrollIntoView({ block: wanted === target || target.matches('.is-target') ? 'center' : 'start' });
  }

  // steady does something to the list without moving the words that are being
  // read: what stands above them in their place, a day or a name, may come or go.
  // At the end it stays at the end, when follow says so.
  steady(does: () => void, follow = true): void {
    const words = this.words, anchor = follow && this.atEnd ? this.end : words;
    const was = anchor?.getBoundingClientRect().top;
    const post = idIn(words);
    does();
    const now = anchor?.isConnected ? anchor : find(`[data-post="${post}"] .lk-text, [data-post="${post}"] .lk-post-gone`, this.list.root);
    if (now && was !== undefined) this.box.scrollTop += now.getBoundingClientRect().top - was;
  }

  // words are those that are being read: the first of a post in sight.
  private get words(): HTMLElement | undefined {
    const top = this.box === document.scrollingElement ? 0 : this.box.getBoundingClientRect().top;
    return findAll('.lk-text, .lk-post-gone', this.list.root).find((e) => e.getBoundingClientRect().bottom > top + 8);
  }

  // at is the post that is being read, 0 when there is none.
  get at(): number { return idIn(this.words); }

  // renew takes over what a list that was loaded anew says of itself.
  renew(fresh: HTMLElement): void {
    const { root } = this.list;
    this.unread = Number(fresh.dataset['unread'] ?? 0);
    this.below = 0;
    root.toggleAttribute('data-newer', fresh.hasAttribute('data-newer'));
    findAll('.lk-onward', root).forEach((link) => link.remove());
    findAll('.lk-onward', fresh).forEach((link) => root.insertBefore(link, find('[data-older]', link) ? root.firstChild : this.end));
    this.observe();
    this.tellButton();
  }

  toEnd(): void {
    if (!this.list.whole) return void find('[data-newest]', this.list.root)?.click();
    this.end.scrollIntoView({ block: 'end' });
  }

  // came tells that a post of somebody else was put in.
  came(item: HTMLElement): void {
    if (!this.atEnd || document.hidden) this.list.markNew(item, this.unread === 0);
    if (!this.atEnd) this.below++;
    this.unread++;
    this.tellButton();
    this.see();
  }

  private reached(yes: boolean): void {
    this.atEnd = yes;
    if (yes) this.below = 0;
    this.tellButton();
    this.see();
  }

  // see notes how far the reader has read, when the newest is really in sight.
  readonly see = later(() => {
    const rev = this.list.rev;
    if (!this.atEnd || document.hidden || !this.list.whole || this.unread === 0 || this.seenTo >= rev || !isOpen()) return;
    send('seen', { stream: this.list.stream, rev }).then(() => {
      this.seenTo = rev;
      this.unread = 0;
    }, () => undefined);
  }, 700);

  private makeButton(): HTMLButtonElement {
    const button = element('button', 'nl-button nl-button--secondary lk-to-new');
    button.type = 'button';
    button.hidden = true;
    button.append(element('span', 'nl-button__label'));
    button.addEventListener('click', () => this.toEnd());
    find('.lk-dock')?.prepend(button);
    return button;
  }

  private tellButton(): void {
    if (!this.button) return;
    this.button.hidden = this.atEnd && this.list.whole;
    this.button.firstElementChild!.textContent = this.below ? say('to_new_count', { N: this.below }) : say('to_new');
  }

  // watchOnward fetches the next part when its link comes into sight.
  private watchOnward(): void {
    if (!this.list.isChannel) return;
    this.onward = new IntersectionObserver((all) => {
      for (const seen of all) if (seen.isIntersecting) void this.fetchPart(seen.target as HTMLAnchorElement);
    }, { root: this.box === document.scrollingElement ? null : this.box, rootMargin: '600px 0px' });
    this.observe();
    this.list.root.addEventListener('click', (event) => {
      const link = (event.target as Element).closest<HTMLAnchorElement>('[data-older], [data-newer-link]');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      void this.fetchPart(link);
    });
  }

  private observe(): void { findAll('[data-older], [data-newer-link]', this.list.root).forEach((link) => this.onward?.observe(link)); }

  private async fetchPart(link: HTMLAnchorElement): Promise<void> {
    if (this.loading || !link.isConnected) return;
    this.loading = true;
    link.setAttribute('aria-busy', 'true');
    try {
      await this.during(async () => {
        const answer = await ask(link.getAttribute('href')!, 'posts');
        if (!answer.ok) throw new Error(String(answer.status));
        const part = new DOMParser().parseFromString(await answer.text(), 'text/html').body;
        if (link.isConnected) this.steady(() => this.join(part, link.hasAttribute('data-older')));
      });
      this.observe();
    } catch {
      this.onward?.unobserve(link); // it stays a link, to follow or to try again
    } finally {
      link.removeAttribute('aria-busy');
      this.loading = false;
    }
  }

  // join puts a part before or after what is there.
  private join(part: HTMLElement, older: boolean): void {
    const { root, items } = this.list;
    const onward = (link: string) => find(`${link}`, root)?.closest('.lk-onward');
    const come = findAll('ol > .lk-place', part).filter((item) => !find(`#post-${idOf(item)}`, items));
    come.forEach((item) => dress(item));
    if (older) {
      const next = items.querySelector<HTMLElement>('.lk-place');
      onward('[data-older]')?.remove();
      const link = find('[data-older]', part)?.closest('.lk-onward');
      if (link) root.prepend(link);
      items.prepend(...come);
      if (next) this.list.settle(next);
    } else {
      onward('[data-newer-link]')?.remove();
      const link = find('[data-newer-link]', part)?.closest('.lk-onward');
      items.append(...come);
      if (link) root.insertBefore(link, this.end);
      else root.removeAttribute('data-newer');
      if (come[0]) this.list.settle(come[0]);
    }
  }
}

function idIn(part: HTMLElement | undefined): number { return Number(part?.closest<HTMLElement>('[data-post]')?.dataset['post'] ?? 0); }
