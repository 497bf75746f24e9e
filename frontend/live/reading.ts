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

  constructor(private readonly list: List) {
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

  // steady does something to the list without moving what is being read.
  steady(does: () => void): void {
    const box = this.box;
    const top = box === document.scrollingElement ? 0 : box.getBoundingClientRect().top;
    const anchor = this.atEnd ? this.end : findAll('.lk-place', this.list.root).find((e) => e.getBoundingClientRect().bottom > top + 8);
    const was = anchor?.getBoundingClientRect().top;
    does();
    if (anchor?.isConnected && was !== undefined) box.scrollTop += anchor.getBoundingClientRect().top - was;
  }

  toEnd(): void {
    if (!this.list.whole) return void find('[data-newest]', this.list.root)?.click();
    this.end.scrollIntoView({ block: 'end' });
  }

  // came tells that a post of somebody else was put in.
  came(item: HTMLElement): void {
    if (!this.atEnd || document.hidden) {
      if (this.list.kind !== 'channel') item.classList.add('is-new');
      if (this.unread === 0 && this.list.isChannel) this.list.markNew(item);
      if (!this.atEnd) this.below++;
    }
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
    const observer = new IntersectionObserver((all) => {
      for (const seen of all) if (seen.isIntersecting) void this.fetchPart(seen.target as HTMLAnchorElement, observer);
    }, { root: this.box === document.scrollingElement ? null : this.box, rootMargin: '600px 0px' });
    findAll('[data-older], [data-newer-link]', this.list.root).forEach((link) => observer.observe(link));
    this.list.root.addEventListener('click', (event) => {
      const link = (event.target as Element).closest<HTMLAnchorElement>('[data-older], [data-newer-link]');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      void this.fetchPart(link, observer);
    });
  }

  private async fetchPart(link: HTMLAnchorElement, observer: IntersectionObserver): Promise<void> {
    if (this.loading || !link.isConnected) return;
    this.loading = true;
    link.setAttribute('aria-busy', 'true');
    try {
      const answer = await ask(link.getAttribute('href')!, 'posts');
      if (!answer.ok) throw new Error(String(answer.status));
      const part = new DOMParser().parseFromString(await answer.text(), 'text/html').body;
      this.steady(() => this.join(part, link.hasAttribute('data-older')));
      findAll('[data-older], [data-newer-link]', this.list.root).forEach((next) => observer.observe(next));
    } catch {
      observer.unobserve(link); // it stays a link, to follow or to try again
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
