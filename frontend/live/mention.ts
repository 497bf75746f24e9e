// Naming somebody: after an "@" a list of people to choose from. In the box
// stands the name; what is sent is @[ID], which names the one who was meant even
// when two have the same name.

import { element, find, later, say } from './page';
import { announce } from './announce';
import { avatarOf } from './people';
import type { Person } from './socket';

export type Named = Record<string, number>;

// encode turns the names that were chosen into what is sent.
export function encode(text: string, named: Named): string {
  const names = Object.keys(named).sort((a, b) => b.length - a.length);
  if (!names.length) return text;
  const any = names.map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
  return text.replace(new RegExp(`@(${any})(?![\\p{L}\\p{N}])`, 'gu'), (_, name: string) => `@[${named[name]}]`);
}

// decode is the way back, for a text that is edited.
export function decode(text: string, names: Map<string, string>): { text: string; named: Named } {
  const named: Named = {};
  return {
    named,
    text: text.replace(/@\[(\d+)\]/g, (whole, id: string) => {
      const name = names.get(id);
      if (!name || (named[name] ?? Number(id)) !== Number(id)) return whole;
      named[name] = Number(id);
      return `@${name}`;
    }),
  };
}

// What stands before the caret: "@" and up to three words of a name.
const asked = /(?:^|[\s(])@([\p{L}\p{N}'’.-]*(?: [\p{L}\p{N}'’.-]+){0,2})$/u;

export class Mentions {
  named: Named = {};
  private readonly list = element('div', 'lk-suggest');
  private people: Person[] = [];
  private chosen = 0;
  private question = '';

  constructor(private readonly area: HTMLTextAreaElement, private readonly space: number, private readonly near: () => Person[], private readonly changed: () => void) {
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', say('suggestions'));
    this.list.id = area.id + '-wie';
    this.list.hidden = true;
    area.closest('.lk-composer-box')!.append(this.list);
    area.setAttribute('aria-autocomplete', 'list');
    area.setAttribute('aria-controls', this.list.id);
    area.addEventListener('input', () => this.look());
    area.addEventListener('blur', () => this.close());
    area.addEventListener('click', () => this.look());
    this.list.addEventListener('mousedown', (event) => {
      event.preventDefault(); // the caret stays in the box
      const option = (event.target as Element).closest<HTMLElement>('[role=option]');
      if (option) this.take(Number(option.dataset['n']));
    });
  }

  // key takes a key that is for the list, and says whether it did.
  key(event: KeyboardEvent): boolean {
    if (this.list.hidden) return false;
    const n = this.people.length;
    if (event.key === 'ArrowDown') this.choose((this.chosen + 1) % n);
    else if (event.key === 'ArrowUp') this.choose((this.chosen + n - 1) % n);
    else if (event.key === 'Enter' || event.key === 'Tab') this.take(this.chosen);
    else if (event.key === 'Escape') this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  private look(): void {
    const match = asked.exec(this.area.value.slice(0, this.area.selectionStart));
    if (!match) return this.close();
    this.question = match[1]!;
    if (this.question === '') this.show(this.near().slice(-6).reverse());
    else this.fetch();
  }

  private readonly fetch = later(() => {
    const question = this.question;
    void fetch(`/api/v1/people?space=${this.space}&limit=6&q=${encodeURIComponent(question)}`, { credentials: 'same-origin' })
      .then((answer) => (answer.ok ? (answer.json() as Promise<{ items: Person[] }>) : { items: [] }))
      .then(({ items }) => { if (question === this.question && document.activeElement === this.area) this.show(items); })
      .catch(() => this.close());
  }, 120);

  private show(people: Person[]): void {
    this.people = people;
    if (!people.length) return this.close();
    this.list.replaceChildren(...people.map((person, n) => {
      const option = element('div', 'lk-suggest-one');
      option.setAttribute('role', 'option');
      option.id = `${this.list.id}-${n}`;
      option.dataset['n'] = String(n);
      option.append(avatarOf(person), element('span', '', person.name), element('span', 'lk-muted lk-small', person.organisation));
      return option;
    }));
    if (this.list.hidden) announce(say('suggestions_some', { N: people.length }));
    this.list.hidden = false;
    this.choose(0);
  }

  private choose(n: number): void {
    this.chosen = n;
    Array.from(this.list.children).forEach((option, i) => option.setAttribute('aria-selected', String(i === n)));
    this.area.setAttribute('aria-activedescendant', `${this.list.id}-${n}`);
    find(`#${CSS.escape(this.list.id)}-${n}`)?.scrollIntoView({ block: 'nearest' });
  }

  private take(n: number): void {
    const person = this.people[n];
    if (!person) return;
    // Two people of one name are told apart by where they work.
    const taken = this.named[person.name];
    const name = taken && taken !== person.id ? `${person.name} (${person.organisation})` : person.name;
    this.named[name] = person.id;
    const end = this.area.selectionStart;
    const start = end - this.question.length - 1;
    this.area.setRangeText(`@${name} `, start, end, 'end');
    this.close();
    this.area.dispatchEvent(new Event('input', { bubbles: true }));
    this.changed();
  }

  private close(): void {
    this.list.hidden = true;
    this.area.removeAttribute('aria-activedescendant');
  }
}
