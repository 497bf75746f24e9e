// Who is here and who is writing, by name.

import { element, find, findAll, me, say } from './page';
import type { List } from './list';
import { send, type Event, type Person } from './socket';

const typingFor = 6000; // ms that somebody counts as writing

export class People {
  private readonly here = new Set<number>();
  private readonly writing = new Map<number, number>(); // until when
  private names: Promise<Map<number, Person>> | null = null;
  private readonly line = element('p', 'lk-typing');

  constructor(private readonly list: List) {
    find('.lk-composer-under')?.prepend(this.line);
    // What changes all the time is not for reading aloud.
    this.line.setAttribute('aria-hidden', 'true');
  }

  // ask asks who is here, after the page has begun to listen.
  async ask(): Promise<void> {
    try {
      const { people } = await send<{ people: number[] }>('presence', { stream: this.list.stream });
      this.here.clear();
      people.forEach((id) => this.here.add(id));
      await this.tellHere();
    } catch {
      // it is asked again with the next connection
    }
  }

  take(event: Event): void {
    const { person } = event.data as { person: number };
    if (event.event === 'typing') void this.writes(person);
    else if (event.event === 'joined') this.here.add(person);
    else this.here.delete(person);
    if (event.event !== 'typing') void this.tellHere();
  }

  // said: what somebody was writing has come.
  said(person: number): void {
    this.writing.delete(person);
    void this.tellWriting();
  }

  private async writes(person: number): Promise<void> {
    this.writing.set(person, Date.now() + typingFor);
    await this.tellWriting();
    setTimeout(() => void this.tellWriting(), typingFor + 100);
  }

  private async tellWriting(): Promise<void> {
    const now = Date.now();
    this.writing.forEach((until, id) => { if (until < now) this.writing.delete(id); });
    const names = await Promise.all([...this.writing.keys()].slice(0, 2).map((id) => this.nameOf(id)));
    const [name, other] = names.map((n) => n.split(' ')[0]!);
    this.line.textContent = this.writing.size === 0 || !name ? '' : this.writing.size === 1 ? say('typing_one', { Name: name })
      : this.writing.size === 2 ? say('typing_two', { Name: name, Other: other ?? '' }) : say('typing_many');
  }

  private async tellHere(): Promise<void> {
    this.here.add(Number(me));
    const count = find('[data-here]');
    if (count) count.textContent = this.here.size === 1 ? '' : say('here_many', { N: this.here.size });
    const box = find('[data-here-box]'), shown = find('[data-here-list]');
    if (!box || !shown) return;
    const known = await this.known([...this.here]);
    const people = [...this.here].map((id) => known.get(id)).filter((p): p is Person => Boolean(p) && p!.id !== Number(me)).slice(0, 12);
    box.hidden = people.length === 0;
    shown.replaceChildren(...people.map(lineOf));
  }

  async nameOf(id: number): Promise<string> { return (await this.known([id])).get(id)?.name ?? say('somebody'); }

  // known finds people in the page, and asks for the space's when somebody is not.
  private async known(ids: number[]): Promise<Map<number, Person>> {
    const here = this.inPage();
    if (ids.every((id) => here.has(id) || id === Number(me))) return here;
    this.names ??= fetch(`/api/v1/people?space=${this.list.space}&limit=200`, { credentials: 'same-origin' })
      .then((answer) => answer.json() as Promise<{ items: Person[] }>)
      .then(({ items }) => new Map(items.map((p) => [p.id, p] as [number, Person])))
      .catch(() => new Map<number, Person>());
    return new Map([...(await this.names), ...here]);
  }

  // inPage are the people whose posts are here.
  inPage(): Map<number, Person> {
    const people = new Map<number, Person>();
    findAll('[data-post][data-author]', this.list.root).forEach((post) => {
      const id = Number(post.dataset['author']);
      people.set(id, { id, name: find('.lk-post-name', post)?.textContent ?? '', organisation: find('.lk-meta > span', post)?.textContent ?? '' });
    });
    return people;
  }
}

// lineOf draws a person as component.Person does.
function lineOf(person: Person): HTMLElement {
  const item = element('li'), line = element('span', 'lk-person'), words = element('span', 'lk-person-words');
  const name = element('a', 'lk-person-name lk-plain', person.name);
  name.href = `/mensen/${person.id}`;
  words.append(name, element('span', 'lk-by', person.organisation));
  line.append(avatarOf(person), words);
  item.append(line);
  return item;
}

// avatarOf draws a face as component.Avatar does.
export function avatarOf(person: { name: string }, size = 'lk-avatar--small'): HTMLElement {
  const avatar = element('span', `lk-avatar lk-hue-${hueOf(person.name)} ${size}`, initials(person.name));
  avatar.setAttribute('aria-hidden', 'true');
  return avatar;
}

// hueOf gives everybody the same hue as the server does (FNV-1a).
function hueOf(name: string): number {
  let hash = 0x811c9dc5;
  new TextEncoder().encode(name).forEach((byte) => { hash = Math.imul(hash ^ byte, 0x01000193) >>> 0; });
  return hash % 12;
}

function initials(name: string): string {
  const words = name.split(/\s+/).map((word) => word.match(/\p{L}/u)?.[0] ?? '').filter(Boolean);
  const large = words.filter((letter, i) => i === 0 || letter === letter.toUpperCase());
  return (large.length > 1 ? large[0]! + large[large.length - 1]! : large[0] ?? '').toUpperCase();
}
