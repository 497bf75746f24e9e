// What waits for the reader, beside the spaces and the inbox of every page.

import { forget, onLeaving } from './kept';
import './outbox'; // what was not yet taken goes out from any page
import { connect, onEvent } from './socket';

interface Unread { stream: number; unread: number; mentions: number }

const menu = document.getElementById('menu');

// unread is what is unread per stream, by space, as the page was made with it:
// data-unread="41:3:1 42:2:0".
function unread(place: HTMLElement): Map<number, [number, number]> {
  const counts = new Map<number, [number, number]>();
  for (const part of (place.dataset['unread'] ?? '').split(' ')) {
    const [stream, posts, mentions] = part.split(':').map(Number);
    if (stream) counts.set(stream, [posts ?? 0, mentions ?? 0]);
  }
  return counts;
}

onEvent((event) => {
  if (event.event === 'unread.changed') changed(event.data as Unread, spaceIn(event.fragment));
  if (event.event === 'notification.created') {
    document.querySelectorAll<HTMLElement>('[data-inbox]').forEach((place) => {
      const n = Number(place.dataset['inbox']) + 1;
      place.dataset['inbox'] = String(n);
      badge(place, n, true);
    });
    document.dispatchEvent(new CustomEvent('lk-notified', { detail: event.data }));
  }
});

// spaceIn reads the space from the element that an event comes with:
// <data data-space="7" value="3">.
function spaceIn(fragment = ''): string | undefined {
  const holder = document.createElement('template');
  holder.innerHTML = fragment;
  return (holder.content.firstElementChild as HTMLElement | null)?.dataset['space'];
}

function changed(now: Unread, space?: string): void {
  menu?.querySelectorAll<HTMLElement>('[data-space]').forEach((place) => {
    const counts = unread(place);
    if (place.dataset['space'] === space || counts.has(now.stream)) {
      if (now.unread) counts.set(now.stream, [now.unread, now.mentions]);
      else counts.delete(now.stream);
      show(place, counts);
    }
  });
}

function show(place: HTMLElement, counts: Map<number, [number, number]>): void {
  let posts = 0, mentions = 0;
  const parts: string[] = [];
  counts.forEach(([p, m], stream) => {
    posts += p;
    mentions += m;
    parts.push(`${stream}:${p}:${m}`);
  });
  place.dataset['unread'] = parts.join(' ');
  place.classList.toggle('is-unread', posts > 0);
  const forYou = place.classList.contains('is-direct') ? posts : mentions;
  badge(place.querySelector('a')!, forYou || posts, forYou > 0);
}

// badge puts a count at the end of a place, or takes it away when it is 0.
function badge(place: HTMLElement, n: number, forYou: boolean): void {
  let count = place.querySelector<HTMLElement>('.lk-count');
  if (n === 0) return count?.remove();
  if (!count) {
    count = document.createElement('data');
    count.innerHTML = '<span class="nl-number-badge__hidden-label"></span><span class="nl-number-badge__visible-label" aria-hidden="true"></span>';
    (place.querySelector('.lk-bar-icon') ?? place).append(count);
  }
  count.className = 'nl-number-badge lk-count' + (forYou ? ' lk-count--you' : '');
  (count as HTMLDataElement).value = String(n);
  const words = menu?.dataset[(forYou ? 'you' : 'new') + (n === 1 ? 'One' : 'Many')] ?? '1';
  count.firstElementChild!.textContent = words.replace(/\d+/, String(n));
  count.lastElementChild!.textContent = n > 99 ? '99+' : String(n);
}

// Who signs out leaves nothing behind at the desk, in no tab.
document.addEventListener('submit', (event) => {
  if ((event.target as HTMLFormElement).action.endsWith('/uitgang')) forget();
});
onLeaving(() => location.reload());

if (document.body.dataset['me']) connect();
