// The box to write in: it keeps what is typed, sends without leaving the page,
// and says in one word how the connection is when it is not well.

import { add, type Unsent } from './outbox';
import { element, find, later, nonce, say } from './page';
import { keep, kept } from './kept';
import { encode, Mentions, type Named } from './mention';
import type { People } from './people';
import type { List } from './list';
import { isOpen, send } from './socket';

interface Draft {
  text: string;
  named: Named;
  parent: number;
  name: string;
}

const typingEvery = 3000; // ms, as the server lets through

export class Composer {
  readonly area: HTMLTextAreaElement;
  private readonly mentions: Mentions;
  private readonly key: string;
  // own is the post that everything written here answers, 0 for none.
  readonly own: number;
  private closed = false;
  private parent = 0;
  private name = '';
  private told = 0;

  constructor(readonly form: HTMLFormElement, private readonly list: List, people: People | null, private readonly show: (one: Unsent) => void) {
    this.area = form.querySelector<HTMLTextAreaElement>('textarea[name=body]')!;
    this.own = Number(form.querySelector<HTMLInputElement>('input[name=parent]')?.value ?? 0);
    this.key = `draft:${list.stream}:${this.own}`;
    this.mentions = new Mentions(this.area, list.space, () => [...(people?.inPage().values() ?? [])], () => this.store());
    this.restore();
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    this.area.addEventListener('keydown', (event) => this.pressed(event));
    this.area.addEventListener('input', () => {
      this.storeSoon();
      this.typing();
    });
    addEventListener('pagehide', () => this.store());
  }

  private get isSlim(): boolean { return this.form.classList.contains('lk-composer--slim'); }

  // replyTo makes what is written an answer to a post; 0 takes that back.
  replyTo(post: number, name: string): void {
    this.parent = post;
    this.name = name;
    find('.lk-composer-to', this.form)?.remove();
    if (post) this.form.prepend(this.toLine(name));
    this.store();
    this.area.focus();
    if (post) this.form.scrollIntoView({ block: 'nearest' });
  }

  private toLine(name: string): HTMLElement {
    const line = element('p', 'lk-composer-to', say('you_reply_to', { Name: name }));
    const stop = element('button', 'nl-button nl-button--subtle lk-composer-stop', '×');
    stop.type = 'button';
    stop.setAttribute('aria-label', say('no_reply'));
    stop.addEventListener('click', () => this.replyTo(0, ''));
    line.append(' ', stop);
    return line;
  }

  // takeBack puts a text in the box again that was not taken.
  takeBack(one: Unsent): void {
    this.area.value = this.area.value.trim() ? `${one.shown}\n\n${this.area.value}` : one.shown;
    this.mentions.named = { ...one.named, ...this.mentions.named };
    if (one.parent && one.parent !== this.own) this.replyTo(one.parent, this.name);
    this.store();
    this.area.focus();
  }

  // close is for when one can no longer write here, or again; what was typed
  // stays.
  close(yes: boolean): void {
    this.closed = yes;
    this.form.querySelectorAll<HTMLButtonElement>('button[type=submit]').forEach((b) => { b.disabled = yes; });
  }

  private pressed(event: KeyboardEvent): void {
    if (event.isComposing || this.mentions.key(event)) return;
    if (event.key === 'Escape' && this.parent) return this.replyTo(0, '');
    if (event.key === 'ArrowUp' && this.area.value === '') {
      if (document.dispatchEvent(new CustomEvent('lk-edit-last', { cancelable: true }))) return;
      return event.preventDefault();
    }
    if (event.key !== 'Enter' || event.shiftKey || event.altKey) return;
    // On a phone Enter is a new line: there is a button under the thumb.
    const atOnce = this.isSlim && matchMedia('(hover: hover) and (pointer: fine)').matches;
    if (!atOnce && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.submit();
  }

  private submit(): void {
    const shown = this.area.value.trim();
    if (!shown || this.closed) return this.area.focus();
    const one: Unsent = {
      nonce: nonce(), stream: this.list.stream, parent: this.parent || this.own, shown, named: this.mentions.named,
      body: encode(this.area.value, this.mentions.named), at: Date.now(),
    };
    this.clear();
    this.show(one);
    add(one);
  }

  private clear(): void {
    this.area.value = '';
    this.area.dispatchEvent(new Event('input', { bubbles: true }));
    this.mentions.named = {};
    this.told = 0;
    this.form.classList.remove('is-invalid');
    this.area.removeAttribute('aria-invalid');
    find('.utrecht-form-field-error-message', this.form)?.remove();
    if (this.parent) this.replyTo(0, '');
    this.store();
  }

  private readonly storeSoon = later(() => this.store(), 250);

  // store keeps what is typed, for the next page that has this box.
  store(): void {
    const text = this.area.value;
    const draft: Draft = { text, named: this.mentions.named, parent: this.parent, name: this.name };
    keep(this.key, text.trim() || this.parent ? draft : null);
  }

  private restore(): void {
    const draft = kept<Draft>(this.key);
    if (!draft || this.area.value.trim()) return;
    this.area.value = draft.text;
    this.mentions.named = draft.named;
    if (draft.parent) {
      this.parent = draft.parent;
      this.name = draft.name;
      this.form.prepend(this.toLine(draft.name));
    }
    this.area.dispatchEvent(new Event('input', { bubbles: true })); // it grows
  }

  private typing(): void {
    if (!this.area.value.trim() || Date.now() - this.told < typingEvery || !isOpen()) return;
    this.told = Date.now();
    send('typing', { stream: this.list.stream }).catch(() => undefined);
  }
}
