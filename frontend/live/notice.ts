// A calm sentence at the top of the page, read aloud once.

import { element, find, findAll } from './page';

// notice shows a sentence, in the place of an earlier one under the same name.
export function notice(name: string, text: string, link?: { label: string; href: string }): void {
  findAll(`[data-notice="${name}"]`).forEach((old) => old.remove());
  const box = element('div', 'lk-alert utrecht-alert utrecht-alert--warning'), inside = element('div', 'utrecht-alert__content');
  box.dataset['notice'] = name;
  const line = element('p', '', text + ' ');
  if (link) {
    const a = element('a', 'nl-link', link.label);
    a.href = link.href;
    line.append(a);
  }
  inside.append(line);
  box.append(inside);
  find('[data-notices]')?.append(box);
}

export function unnotice(name: string): void { findAll(`[data-notice="${name}"]`).forEach((old) => old.remove()); }
