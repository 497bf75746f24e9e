// What comes in is said to screen readers, shortly, and not all at once.

import { element, later, say } from './page';

const region = element('div', 'lk-sr');
region.setAttribute('aria-live', 'polite');
document.body.append(region);

const longest = 120; // characters of one post
let waiting: { name: string; text: string }[] = [];

const speak = later(() => {
  const [first] = waiting;
  if (first) announce(waiting.length === 1 ? say('says', { Name: first.name, Text: first.text }) : say('new_posts', { N: waiting.length }));
  waiting = [];
}, 900);

// post tells of a post of somebody else.
export function post(name: string, text: string): void {
  waiting.push({ name, text: text.length > longest ? text.slice(0, longest) + '…' : text });
  speak();
}

// announce says something now.
export function announce(text: string): void {
  region.replaceChildren(element('p', '', text));
}
